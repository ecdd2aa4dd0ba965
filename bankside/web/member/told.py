"""What happened to a member, in her words: one line for each event, and what is soon to happen."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop, ngettext

from bankside.rewards.wallet import Event, Home, Purse
from bankside.web import pages
from bankside.web.member import days
from bankside.web.moments import number
from bankside.web.spoken import spoken

# What somebody did, by kind of act, and the mark that stands before it.
DID = {
    "reply": (gettext_noop("You answered in our thread"), "reply"),
    "mention": (gettext_noop("You mentioned us"), "message-square"),
    "post": (gettext_noop("You wrote a post"), "square-pen"),
    "share": (gettext_noop("You shared a post"), "send"),
    "feedback": (gettext_noop("You told us what you think"), "message-square"),
    "report": (gettext_noop("You reported a scam"), "flag"),
    "event": (gettext_noop("You came to an event"), "calendar-days"),
    "poll": (gettext_noop("You voted in a poll"), "circle-check"),
    "quiz": (gettext_noop("You took a quiz"), "circle-help"),
    "tenure": (gettext_noop("Thank you for staying with us"), "history"),
    "link": (gettext_noop("You linked a profile"), "link"),
    "purchase": (gettext_noop("You paid with your card"), "credit-card"),
}  # fmt: skip
ON_NETWORK = {
    "reply": gettext_noop("Reply on %(network)s"),
    "mention": gettext_noop("Mention on %(network)s"),
    "post": gettext_noop("Post on %(network)s"),
    "share": gettext_noop("Post on %(network)s"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A line of the list. Every state has a mark and a word; `address` is that of its receipt, or empty."""

    mark: str
    tone: str
    what: str
    how: str = ""
    sum: str = ""
    state: str = ""
    state_tone: str = ""
    state_mark: str = ""
    address: str = ""


def told(event: Event) -> Told:
    """The line of an event."""
    match event.kind:
        case "earned":
            return _earned(event)
        case "removed":
            return _removed(event)
        case "returned":
            return _returned(event)
        case "reversed":
            return _reversed(event)
        case "restored":
            return Told(
                mark="check", tone="ok", what=gettext("Points given back"),
                how=gettext("Two people looked again: taking them back was wrong"),
                sum=days.signed(event.points), address=pages.url("member-why", event.source),
            )  # fmt: skip
        case "expired":
            how = gettext("They were at the end of their life")
            return Told(
                mark="clock",
                tone="no",
                what=gettext("Points expired"),
                how=how,
                sum=days.signed(event.points),
            )
        case "offer" | "refund":
            return _offer(event)
    return _spent(event)


def ended(home: Home) -> str:
    """That the programme has ended, and until when points can be spent; empty while one is in force."""
    if home.ended is None:
        return ""
    there = {"day": days.short(home.ended.on)}
    if not home.purse.available and not home.purse.pending:
        return gettext("The programme ended on %(day)s. Nothing is earned any more.") % there
    if home.ended.until is None:
        words = gettext("The programme ended on %(day)s. Nothing is earned any more; your points stay yours.")
        return words % there
    words = gettext(
        "The programme ended on %(day)s. Nothing is earned any more; your points can be spent until %(last)s."
    )
    return words % {**there, "last": days.whole(home.ended.until)}


def soon(purse: Purse, *, noticed: bool = False) -> list[str]:
    """`38 more settle on Thursday`, `90 expire on 31 Dec`: the next of each, and no more.

    `noticed`: a notice beside it says what expires.
    """
    words = []
    if purse.settles:
        first = purse.settles[0]
        words.append(
            ngettext("%(num)s more settles %(when)s", "%(num)s more settle %(when)s", first.points)
            % {"num": number(first.points), "when": days.when(first.on)}
        )
    if purse.expires and not noticed:
        first = purse.expires[0]
        words.append(
            ngettext("%(num)s expires %(when)s", "%(num)s expire %(when)s", first.points)
            % {"num": number(first.points), "when": days.when(first.on)}
        )
    return words


def notice(purse: Purse) -> str:
    """What she is told of what expires, with what she has of it now: what was spent since is not in it."""
    first, later = purse.expires[0], sum(one.points for one in purse.expires[1:])
    words = ngettext(
        "%(num)s point expires %(when)s if you do not spend it.",
        "%(num)s points expire %(when)s if you do not spend them.",
        first.points,
    ) % {"num": number(first.points), "when": days.when(first.on)}
    if not later:
        return words
    more = ngettext("%(num)s more expires by %(day)s.", "%(num)s more expire by %(day)s.", later)
    return f"{words} {more % {'num': number(later), 'day': days.short(purse.expires[-1].on)}}"


def did(kind: str) -> tuple[str, str]:
    """What somebody did, and its mark."""
    words, mark = DID.get(kind, (gettext_noop("You took part"), "check"))
    return gettext(words), mark


def _earned(event: Event) -> Told:
    what, mark = did(event.what)
    state, state_tone, state_mark = state_of(event)
    on = gettext(ON_NETWORK.get(event.what, "%(network)s")) if event.network else ""
    return Told(
        mark=mark, tone="ok" if event.points else "", what=what, how=on % {"network": event.network},
        sum=days.signed(event.points), state=state, state_tone=state_tone, state_mark=state_mark,
        address=pages.url("member-why", event.source),
    )  # fmt: skip


def state_of(event: Event) -> tuple[str, str, str]:
    """Words, tone and mark of how an award stands; nothing where nothing is to be said."""
    match event.state:
        case "pending" if event.settles:
            return days.settles_in(event.settles), "wait", "hourglass"
        case "pending":
            return gettext("on its way"), "wait", "hourglass"
        case "flagged":
            return gettext("a person looks first"), "wait", "eye"
        case "undisclosed":
            return gettext("has to say that it is advertising"), "wait", "circle-alert"
        case "capped":
            return gettext("limit reached"), "", "octagon-pause"
        case "refused":
            return gettext("no points"), "", "circle-slash"
        case "clawed" if event.what == "purchase":
            return gettext("taken back with your refund"), "no", "undo-2"
        case "clawed":
            return gettext("gone with the post"), "no", "minus"
        case "reversed":
            return gettext("taken back"), "no", "minus"
        case "restored":
            return gettext("given back"), "ok", "check"
    return "", "", ""


def _removed(event: Event) -> Told:
    how = ngettext(
        "Its %(num)s point had not settled yet", "Its %(num)s points had not settled yet", -event.points
    )
    return Told(
        mark="minus", tone="no", what=gettext("Post removed"), how=how % {"num": number(-event.points)},
        sum=days.signed(event.points), address=pages.url("member-why", event.source),
    )  # fmt: skip


def _returned(event: Event) -> Told:
    return Told(
        mark="undo-2", tone="no", what=gettext("Payment given back"), how=gettext("Its share of the points"),
        sum=days.signed(event.points), address=pages.url("member-why", event.source),
    )  # fmt: skip


def _reversed(event: Event) -> Told:
    return Told(
        mark="minus", tone="no", what=gettext("Points taken back"), how=spoken(event.reason),
        sum=days.signed(event.points),
        state="" if event.state else gettext("two people decided; you can appeal"), state_tone="no",
        state_mark="users", address=pages.url("member-why", event.source),
    )  # fmt: skip


def _offer(event: Event) -> Told:
    what = (
        gettext("%(merchant)s, card payment") % {"merchant": event.what} if event.what else str(event.title)
    )
    how = gettext("%(offer)s, you added it %(day)s") % {
        "offer": event.title, "day": days.short(days.date_of(event.earlier)),
    }  # fmt: skip
    money = days.money(event.amount, event.currency) if event.currency else days.signed(event.amount)
    state, tone, mark = {
        "matched": (gettext("waits for the payment to clear"), "wait", "hourglass"),
        "credited": (gettext("paid to your statement"), "ok", "check"),
    }.get(event.state, (gettext("taken back with your refund"), "no", "undo-2"))
    return Told(
        mark="credit-card", tone="iris", what=what, how=how, sum=money if event.amount else "", state=state,
        state_tone=tone, state_mark=mark,
    )  # fmt: skip


def _spent(event: Event) -> Told:
    back = event.kind == "undone"
    return Told(
        mark="undo-2" if back else "gift", tone="iris", what=str(event.title),
        how=gettext("You took it back; the points are as they were") if back else gettext("Points spent"),
        sum=days.signed(event.points),
    )  # fmt: skip
