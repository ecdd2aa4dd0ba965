"""Versions of a programme: written, submitted, agreed to by two people, in force, and ended.

A version is one text. Two people who did not write it agree to its digest, each by a request of the approvals
room; the database refuses a version in force without them (0003_two_people). An act is judged by the version
that was in force when it was recorded, so that a change counts for later acts only.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Max

from bankside.approvals import consent, requests
from bankside.approvals import policy as consent_policy
from bankside.approvals.models import Request
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.facts.rewards import ProgrammeApproved, ProgrammeBegan, ProgrammeEnded
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.record.models import Entry
from bankside.record.reasons import REASON_CHARACTERS_MAX, reason_of
from bankside.record.two_people import SamePerson
from bankside.rewards import difference, one_unit
from bankside.rewards.models import Programme, Reached
from bankside.rewards.one_unit import OtherUnit as OtherUnit
from bankside.rewards.rules import programme as rules
from bankside.said import Said

KIND: Final = consent_policy.PROGRAMME
PART: Final = "programme"
PEOPLE: Final = 2
DAYS_TO_AGREE: Final = 30
DAY_MS: Final = 86_400_000
VERSIONS_SHOWN_MAX: Final = 500
KEPT_MAX: Final = 64
TEXT_CHARACTERS_MAX: Final = 200_000
NAME_CHARACTERS_MAX: Final = 32
# Jobs that begin with the first programme; the first is also the reader of the record (reactions.py, due.py).
EARN, SETTLE = "rewards.earn", "rewards.settle"

check, diff = rules.check, difference.diff
Changed, OwnProgramme = consent.Changed, consent.OwnWords


class NoSuchProgramme(LookupError):
    """There is no such version, or she may not see it."""


class NotNow(ValueError):
    """A version in this state cannot do that; the message says which it is in."""


class DoesNotPass(ValueError):
    """The text has mistakes; `findings` are those of `check`."""

    def __init__(self, findings: tuple[rules.Finding, ...]) -> None:
        self.findings = findings
        super().__init__(Said("The programme has %(count)s mistakes.", count=len(findings)))


class RuleTaken(ValueError):
    """A rule of this name belongs to another programme that is in force."""


class Live(NamedTuple):
    """A version that is, or was, in force: its row (without its text) and its terms."""

    row: Programme
    programme: rules.Programme


class Agreed(NamedTuple):
    """Who agreed to a version (name) and when, UTC ms."""

    name: str
    at: int


SAMPLE: Final = Path(rules.__file__).with_name("sample.toml")
_parsed: OrderedDict[str, rules.Programme] = OrderedDict()


# --- writing --------------------------------------------------------------------------------------------
def draft(staff: Staff, *, name: str, text: str) -> Programme:
    """A new version of the programme of that name. The text is kept also when it has mistakes."""
    policy.require(staff, "programme.write")
    name, text = kept(name), kept(text)
    _refuse_long(name, text)
    with transaction.atomic():
        versions = Programme.objects.select_for_update().filter(name=name)
        last = max((row.number for row in versions), default=0)
        return Programme.objects.create(
            name=name, number=last + 1, text=text, sha256=digest(text), author=staff, made_at=clock.now_ms()
        )


def rewrite(staff: Staff, obj: str, *, text: str) -> Programme:
    """Other words for a draft; whoever wrote them last is its author. Raises NotNow once it was submitted."""
    policy.require(staff, "programme.write")
    with transaction.atomic():
        row = _locked(obj, Programme.DRAFT)
        text = kept(text)
        _refuse_long(row.name, text)
        row.text, row.sha256, row.author, row.made_at = text, digest(text), staff, clock.now_ms()
        row.save(update_fields=["text", "sha256", "author", "made_at"])
    return row


def submit(staff: Staff, obj: str) -> Programme:
    """Puts a draft before two people. Twice is once. Raises DoesNotPass, RuleTaken, OtherUnit."""
    policy.require(staff, "programme.write")
    with transaction.atomic():
        row = _locked(obj)
        if row.state == Programme.WAITING:
            return row
        _refuse_unless(row, Programme.DRAFT)
        _refuse_mistakes(row)
        row.state, row.reason = Programme.WAITING, ""
        row.save(update_fields=["state", "reason"])
        until = clock.now_ms() + DAYS_TO_AGREE * DAY_MS
        for _ in range(PEOPLE):
            requests.ask(
                kind=KIND, thing=row.obj, version=new_id(), author=row.author, editor=staff,
                words=_words(row), title=f"{row.name} {row.number}", expires_ms=until,
            )  # fmt: skip
    return row


# --- agreeing -------------------------------------------------------------------------------------------
def approve(staff: Staff, obj: str, *, sha256: str) -> Programme:
    """She agrees to the text of exactly this digest; with the second person it is in force at once.

    Raises NotYours, OwnProgramme, Changed, SamePerson, NotNow, DoesNotPass, RuleTaken, OtherUnit.
    """
    policy.require(staff, "programme.approve")
    with transaction.atomic():
        row = _locked(obj)
        if row.sha256 != sha256:
            raise Changed(Said("This is not the text that you saw. Look at it again before you approve."))
        if staff.uid in {row.first, row.second}:
            raise SamePerson(Said("You agreed to this programme already. A second person has to agree."))
        _refuse_unless(row, Programme.WAITING)
        consent.give(staff, _requests(row)[0], words=_words(row))
        row.second, row.first = (staff.uid, row.first) if row.first else ("", staff.uid)
        began = _begin(row) if row.second else None
        row.save(update_fields=["first", "second", "state", "live_from"])
        _tell_approved(row, staff)
        if row.second:
            _tell_began(row, staff, began)
    return row


def send_back(staff: Staff, obj: str, *, reason: str) -> Programme:
    """Does not agree and says why: it is a draft again, and nobody has agreed to it."""
    policy.require(staff, "programme.approve")
    with transaction.atomic():
        row = _locked(obj, Programme.WAITING)
        waiting = _requests(row)
        consent.send_back(staff, waiting[0], reason=kept(reason)[:REASON_CHARACTERS_MAX])
        row.state, row.first, row.reason = Programme.DRAFT, "", kept(reason.strip())[:REASON_CHARACTERS_MAX]
        row.save(update_fields=["state", "first", "reason"])
        consent.void(row.obj, by_actor=staff.actor, reason="sent-back")
    return row


def retire(staff: Staff, obj: str, *, reason: str) -> Programme:
    """A version in force ends now; what was earned under it stays as it is. Twice is once."""
    policy.require(staff, "programme.approve")
    why = reason_of(reason)
    with transaction.atomic():
        row = _locked(obj)
        if row.state == Programme.RETIRED:
            return row
        _refuse_unless(row, Programme.LIVE)
        _end(row, why)
        _tell_ended(row, staff)
    return row


# --- reading --------------------------------------------------------------------------------------------
def live() -> tuple[Live, ...]:
    """The versions in force now, one of each name, by name."""
    return _with_terms(Programme.objects.filter(state=Programme.LIVE).order_by("name"))


def current() -> Live | None:
    """The version by which points are spent, counted and worth something: of those in force the first by
    name; when none is any more, the one that ended last, so that what was earned can be spent until it ends.
    """
    rows = Programme.objects.filter(live_from__gt=0).order_by("state", "-ended_at", "name", "-pk")
    return next(iter(_with_terms(rows[:1])), None)


def ever_live() -> tuple[Live, ...]:
    """All versions that are or were in force, oldest first."""
    return _with_terms(Programme.objects.filter(live_from__gt=0).order_by("live_from", "pk"))


def in_force(at_ms: int) -> tuple[Live, ...]:
    """The versions that judge an act recorded at this moment."""
    return tuple(one for one in ever_live() if was_in_force(one.row, at_ms))


def was_in_force(row: Programme, at_ms: int) -> bool:
    """Whether a version judges acts recorded at this moment."""
    return 0 < row.live_from <= at_ms and (not row.ended_at or at_ms < row.ended_at)


def versions() -> dict[int, Live]:
    """The same by their numbers in the ledger."""
    return {one.row.pk: one for one in ever_live()}


def by_pk(pk: int) -> Live:
    """A version that is or was in force, by its number in the ledger; raises NoSuchProgramme."""
    for one in _with_terms(Programme.objects.filter(pk=pk, live_from__gt=0)):
        return one
    raise NoSuchProgramme(Said("There is no such programme."))


def parsed(row: Programme) -> rules.Programme:
    """The terms of any version, also of a draft. Raises rules.ProgrammeWrong for a text that has mistakes."""
    return _terms(row)


def sample() -> str:
    """The text that a first programme may begin from."""
    return SAMPLE.read_text(encoding="utf-8")


def visible_to(staff: Staff) -> list[Programme]:
    """All versions, newest first, if she may see programmes."""
    policy.require(staff, "offer.see")
    return list(Programme.objects.select_related("author").order_by("-pk")[:VERSIONS_SHOWN_MAX])


def get_visible(staff: Staff, obj: str) -> Programme:
    """One of them; raises NoSuchProgramme."""
    policy.require(staff, "offer.see")
    row = Programme.objects.select_related("author").filter(obj=obj).first()
    if row is None:
        raise NoSuchProgramme(Said("There is no such programme."))
    return row


def agreed(row: Programme) -> tuple[Agreed, ...]:
    """Who agreed to a version, in order."""
    given = Request.objects.filter(thing=row.obj, state=Request.GIVEN)
    found = given.order_by("decided_at", "pk").values_list("decided_by__name", "decided_at")
    return tuple(Agreed(name, at) for name, at in found)


def may_approve(staff: Staff, row: Programme) -> bool:
    """Whether `approve` would let her: it waits, she did not write it, and she has not agreed yet."""
    allowed = policy.may(staff, "programme.approve") and row.state == Programme.WAITING
    return allowed and staff.pk != row.author_id and staff.uid != row.first and _asked_others(staff, row)


def before(row: Programme) -> Programme | None:
    """The version that this one was, or would be, put in the place of."""
    rows = Programme.objects.filter(name=row.name, number__lt=row.number, live_from__gt=0)
    return rows.order_by("-number").first()


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 of a text, in hex: what is agreed to."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- going into force -----------------------------------------------------------------------------------
def _begin(row: Programme) -> Programme | None:
    """Both agreed: it is in force from now on, in the place of the version returned."""
    _refuse_mistakes(row)
    former = Programme.objects.select_for_update().filter(name=row.name, state=Programme.LIVE).first()
    now = clock.now_ms()
    if former is not None:
        _end(former, "replaced", now)
    row.state, row.live_from = Programme.LIVE, now
    last = Entry.objects.aggregate(last=Max("n"))["last"] or 0
    Reached.objects.get_or_create(name=EARN, defaults={"n": last})  # what was said before earns nothing
    jobs.enqueue(SETTLE, SETTLE, due_ms=now, data={})
    return former


def _end(row: Programme, reason: str, now_ms: int | None = None) -> None:
    row.state, row.ended_at, row.reason = Programme.RETIRED, now_ms or clock.now_ms(), reason
    row.save(update_fields=["state", "ended_at", "reason"])


def _tell_approved(row: Programme, staff: Staff) -> None:
    said = ProgrammeApproved(
        programme=row.obj, name=row.name, number=row.number, sha256=row.sha256, by=staff.uid,
        last=bool(row.second),
    )  # fmt: skip
    append(said, f"rewards.programme-approved:{row.obj}:{staff.uid}", actor=staff.actor, obj=row.obj)


def _tell_began(row: Programme, staff: Staff, former: Programme | None) -> None:
    if former is not None:
        _tell_ended(former, staff)
    said = ProgrammeBegan(
        programme=row.obj, name=row.name, number=row.number, sha256=row.sha256, text=row.text
    )
    append(said, f"rewards.programme-began:{row.obj}", actor=staff.actor, obj=row.obj)


def _tell_ended(row: Programme, staff: Staff) -> None:
    said = ProgrammeEnded(programme=row.obj, name=row.name, number=row.number, reason=row.reason)
    append(said, f"rewards.programme-ended:{row.obj}", actor=staff.actor, obj=row.obj)


# --- refusing -------------------------------------------------------------------------------------------
def _locked(obj: str, state: str = "") -> Programme:
    row = Programme.objects.select_for_update().filter(obj=obj).first()
    if row is None:
        raise NoSuchProgramme(Said("There is no such programme."))
    if state:
        _refuse_unless(row, state)
    return row


def _refuse_unless(row: Programme, state: str) -> None:
    if row.state != state:
        raise NotNow(Said("This programme is not %(wanted)s: it is %(state)s.", wanted=STATES[state],
                          state=STATES[row.state]))  # fmt: skip


STATES: Final = {
    Programme.DRAFT: Said("a draft"),
    Programme.WAITING: Said("waiting for approval"),
    Programme.LIVE: Said("in force"),
    Programme.RETIRED: Said("ended"),
}


def _refuse_mistakes(row: Programme) -> None:
    """Raises DoesNotPass; RuleTaken for a rule or offer that another programme in force has; OtherUnit."""
    checked = check(row.text)
    if checked.programme is None or checked.findings:
        raise DoesNotPass(checked.findings)
    others = [one for one in live() if one.row.name != row.name]
    for other in others:
        if taken := _names(checked.programme) & _names(other.programme):
            raise RuleTaken(
                Said("The programme %(name)s has a rule called %(rule)s already.", name=other.row.name,
                     rule=min(taken))
            )  # fmt: skip
    last = current()
    held = [last] if last is not None and one_unit.is_held(last.programme) else []
    one_unit.refuse_other(checked.programme, {one.row.name: one.programme for one in (*others, *held)})


def _names(terms: rules.Programme) -> set[str]:
    return {rule.id for rule in terms.earn} | {offer.id for offer in terms.offers}


def _refuse_long(name: str, text: str) -> None:
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or len(text) > TEXT_CHARACTERS_MAX:
        raise NotNow(
            Said("A programme has a name of 1 to %(name)s characters and a text of at most %(text)s.",
                 name=NAME_CHARACTERS_MAX, text=TEXT_CHARACTERS_MAX)
        )  # fmt: skip


# --- what is at hand ------------------------------------------------------------------------------------
def _with_terms(rows: object) -> tuple[Live, ...]:
    """Rows with their terms; a text is fetched and read once in this process."""
    found = list(rows.defer("text"))  # type: ignore[attr-defined]
    return tuple(Live(row, _terms(row)) for row in found)


def _terms(row: Programme) -> rules.Programme:
    if row.sha256 not in _parsed:
        if len(_parsed) >= KEPT_MAX:
            _parsed.popitem(last=False)
        _parsed[row.sha256] = rules.load(row.text)
    return _parsed[row.sha256]


def _words(row: Programme) -> list[tuple[str, str]]:
    return [(PART, row.sha256)]


def _requests(row: Programme) -> list[Request]:
    """Those that still wait; there is one for each person who has not agreed yet."""
    return list(Request.objects.filter(thing=row.obj, state=Request.WAITING).order_by("pk"))


def _asked_others(staff: Staff, row: Programme) -> bool:
    return not Request.objects.filter(thing=row.obj, state=Request.WAITING, editor=staff).exists()
