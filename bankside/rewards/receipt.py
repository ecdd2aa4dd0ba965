"""Why +9? Every decision about an act in sums, limits and dates, as it was made then, and what became of it.

A receipt is made from what was kept with the decision and from the version of the programme that judged it:
it says the same in years, whatever the programme says by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from bankside.record import clock
from bankside.record.models import Entry
from bankside.rewards import decided, opened, programme
from bankside.rewards.asked import rows
from bankside.rewards.decided import Decided
from bankside.rewards.earning import day_of
from bankside.rewards.ledger.candidate import CAP_POINTS, CAP_TIMES, COOL_DOWN, FUND, LATE
from bankside.rewards.ledger.days import NEVER_MONTH, month_of
from bankside.rewards.models import Appeal, Earned, Flag, Member
from bankside.rewards.programme import Live
from bankside.rewards.reactions import REMOVED, rule_of
from bankside.rewards.rules import plain
from bankside.rewards.rules.act import SOCIAL
from bankside.rewards.rules.terms import Earn
from bankside.rewards.sums import Part, parts_of
from bankside.said import Said, joined

LINES_MAX: Final = 200
DAY_MS: Final = 86_400_000
WINDOW_DAYS: Final = 32
NOTHING: Final = Said(template="")
PENDING, SETTLED, FLAGGED, UNDISCLOSED, CLAWED, REVERSED, RESTORED = (
    "pending", "settled", "flagged", "undisclosed", "clawed", "reversed", "restored",
)  # fmt: skip
# What is asked first when a source has several awards.
_ORDER: Final = (REVERSED, RESTORED, CLAWED, FLAGGED, UNDISCLOSED, PENDING, SETTLED, "capped", "refused")


class NoSuchReceipt(LookupError):
    """Nothing of that name was decided about her."""


class Cap(NamedTuple):
    """How much of a rule's limit was used in the window (`per`) of an act, and the limit; 0: none."""

    used: int
    points: int
    times_used: int
    times: int
    per: str


class Award(NamedTuple):
    """What one rule decided. `asked`: its points before limits; `expires_month`: since 1970, at whose end.

    `settles_at` is UTC ms, 0 for what does not settle. `disclosure`: the word that was found, or "".
    """

    rule: str
    sentence: Said
    parts: tuple[Part, ...]
    asked: int
    points: int
    outcome: str
    reason: Said
    state: str
    cap: Cap | None
    settles_at: int
    expires_month: int
    disclosure: str


class Why(NamedTuple):
    """A receipt. `entry` is the id of the act in the record; `can`: appeal, disclose, wait.

    `state` is pending, settled, flagged (a person looks first), undisclosed (it must say that it is
    advertising), clawed (gone with the post, or with the payment), reversed, restored, capped or refused.
    """

    source: str
    kind: str
    network: str
    at: int
    outcome: str
    state: str
    points: int
    awards: tuple[Award, ...]
    entry: str
    name: str
    number: int
    sha256: str
    url: str
    appeal: Appeal | None
    can: tuple[str, ...]


class Line(NamedTuple):
    """One act in the list of what happened."""

    source: str
    rule: str
    kind: str
    network: str
    at: int
    points: int
    outcome: str
    reason: Said
    state: str


def why(member: Member, source: str) -> Why:
    """The receipt of an act of hers. Raises NoSuchReceipt."""
    versions = programme.versions()
    found = _in_order([row for row in decided.of_sources([source]) if row.member == member.pk], versions)
    if not found:
        raise NoSuchReceipt(Said("There is no such receipt."))
    first = found[0]
    states = _states(found)
    awards = tuple(_award(row, versions, states[row.source, row.rule]) for row in found)
    live = versions[first.programme]
    appeal = Appeal.objects.filter(member=member, source=source).order_by("-pk").first()
    state = _first_of(award.state for award in awards)
    return Why(
        source=source, kind=first.kind, network=first.network, at=first.at, outcome=first.outcome,
        state=state, points=sum(award.points for award in awards), awards=awards, entry=_entry_of(first),
        name=live.row.name, number=live.row.number, sha256=live.row.sha256, url=_url_of(first), appeal=appeal,
        can=_can(state, appeal),
    )  # fmt: skip


def listed(member: Member, *, before: int = 0, limit: int = 30) -> list[Line]:
    """Her acts that were decided, newest first, before a moment (UTC ms; 0: now); at most 200."""
    until = before or clock.now_ms() + DAY_MS
    grouped: dict[str, list[Decided]] = {}
    for row in decided.newest(member.pk, before=until, limit=2 * min(limit, LINES_MAX)):
        grouped.setdefault(row.source, []).append(row)
    versions = programme.versions()
    shown = [_in_order(group, versions)[::-1] for group in list(grouped.values())[: min(limit, LINES_MAX)]]
    states = _states([row for group in shown for row in group])
    return [_line(group, [states[row.source, row.rule] for row in group]) for group in shown]


def _in_order(found: Iterable[Decided], versions: Mapping[int, Live]) -> list[Decided]:
    """Decisions about an act in the order in which they were made: by version, then by rule."""
    places = {pk: place for place, pk in enumerate(versions)}
    return sorted(found, key=lambda row: (places[row.programme], rule_of(row, versions)[1].slot))


def reason_of(code: str) -> Said:
    """Why an award was cut, held or nothing, in words; "" when there is nothing to say."""
    return REASONS.get(code, Said("The rule said no.")) if code else NOTHING


REASONS: Final[Mapping[str, Said]] = {
    CAP_POINTS: Said("The limit of points of this rule was reached."),
    CAP_TIMES: Said("The limit of times of this rule was reached."),
    COOL_DOWN: Said("It came too soon after the one before."),
    FUND: Said("The fund of this rule is spent."),
    LATE: Said("It arrived too late to be counted."),
    "disclosure": Said("The post does not say at its beginning that it is advertising."),
    "condition": Said("The condition of the rule was not met."),
    "evidence": Said("Nobody but the sender says that it happened."),
    "no-rule": Said("No rule of the programme pays for this."),
    REMOVED: Said("The post was taken away."),
}


# --- one award --------------------------------------------------------------------------------------------
def _award(row: Decided, versions: Mapping[int, Live], state: str) -> Award:
    live, rule = rule_of(row, versions)
    zone = live.programme.zone
    seen: dict[str, Any] = msgspec.json.decode(row.inputs)
    disclosed = seen.pop("disclosure", None)
    settles = row.outcome == Earned.AWARDED and state in {PENDING, FLAGGED, SETTLED}
    return Award(
        rule=row.rule, sentence=_sentence(rule), parts=parts_of(rule, seen) if row.asked else (),
        asked=row.asked, points=row.points, outcome=row.outcome, reason=_reason(row, rule), state=state,
        cap=_cap(row, rule, zone), settles_at=begins(row.due, zone) if settles else 0,
        expires_month=_expires(row, live) if settles else 0,
        disclosure=disclosed["word"] if disclosed else "",
    )  # fmt: skip


def _sentence(rule: Earn) -> Said:
    return plain.earning(rule)[0]


def _reason(row: Decided, rule: Earn) -> Said:
    """Why not, with what the rule asks for; every refusal names its rule."""
    if row.reason == "condition" and rule.when is not None:
        return joined([reason_of(row.reason), *plain.earning(rule)[1:2]])
    if row.reason == "disclosure":
        words = ", ".join(f"“{word}”" for word in rule.disclose.values())
        return Said(
            "Write %(words)s within the first %(within)s characters, in the language of the post.",
            words=words, within=rule.within,
        ) if row.outcome == Earned.HELD else reason_of(row.reason)  # fmt: skip
    return reason_of(row.reason)


def _cap(row: Decided, rule: Earn, zone: str) -> Cap | None:
    """The use of the rule's limit in the window of the act, by everything that was awarded in it."""
    if not rule.cap_points and not rule.cap_times:
        return None
    around = WINDOW_DAYS * DAY_MS
    window = _window(day_of(zone, row.at), rule.per)
    there = [
        points
        for at, points in decided.awarded(row.member, row.rule, after=row.at - around, before=row.at + around)
        if _window(day_of(zone, at), rule.per) == window
    ]
    return Cap(sum(there), rule.cap_points, len(there), rule.cap_times, rule.per)


def _window(day: int, per: str) -> int:
    return day if per == "day" else (day + 3) // 7 if per == "week" else month_of(day)


def begins(day: int, zone: str) -> int:
    """When a day begins in a zone, UTC ms."""
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return int(date.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def _expires(row: Decided, live: Live) -> int:
    life = live.programme.life_months
    return month_of(day_of(live.programme.zone, row.at)) + life if life else NEVER_MONTH


# --- what became of it ------------------------------------------------------------------------------------
def _states(found: Sequence[Decided]) -> dict[tuple[str, str], str]:
    """The state of each decision, by two statements."""
    sources = {row.source for row in found}
    moved: dict[tuple[str, str], set[str]] = {}
    for source, rule, kind in rows(_MOVED, "source", sources):
        moved.setdefault((source, rule), set()).add(kind)
    flagged = {source for (source,) in rows(_FLAGS, "source", sources, "and state = %s", [Flag.OPEN])}
    return {
        (row.source, row.rule): _state(row, moved.get((row.source, row.rule), set()), row.source in flagged)
        for row in found
    }


_MOVED = "select source, rule, kind from rewards_posting where"
_FLAGS = "select source from rewards_flag where"


def _state(row: Decided, kinds: set[str], flagged: bool) -> str:
    if row.outcome == Earned.HELD:
        return UNDISCLOSED
    if row.outcome != Earned.AWARDED:
        return row.outcome
    if "fraud" in kinds:
        return RESTORED if "restore" in kinds else REVERSED
    if "delete" in kinds:
        return CLAWED
    if "settle" in kinds:
        return SETTLED
    return FLAGGED if flagged else PENDING


def _first_of(states: Iterable[str]) -> str:
    return min(states, key=_ORDER.index)


def _line(group: Sequence[Decided], states: Sequence[str]) -> Line:
    first = group[0]
    return Line(
        source=first.source, rule=first.rule, kind=first.kind, network=first.network, at=first.at,
        points=sum(row.points for row in group), outcome=first.outcome, reason=reason_of(first.reason),
        state=_first_of(states),
    )  # fmt: skip


def _can(state: str, appeal: Appeal | None) -> tuple[str, ...]:
    """What she can do now: an appeal that was answered may be followed by another."""
    may = ["appeal"] if appeal is None or appeal.answered_at else []
    return (*may, *({UNDISCLOSED: ["disclose"], PENDING: ["wait"], FLAGGED: ["wait"]}.get(state, [])))


def _entry_of(row: Decided) -> str:
    return Entry.objects.filter(n=row.entry).values_list("rid", flat=True).first() or "" if row.entry else ""


def _url_of(row: Decided) -> str:
    """Where it can be seen; "" for what is no post, and for what was erased."""
    if row.kind not in SOCIAL or not row.entry:
        return ""
    return next((str(fact.seen.url) for _, fact in opened.at([row.entry])), "")
