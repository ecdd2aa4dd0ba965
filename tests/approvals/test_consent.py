from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.db import connection, connections

from bankside.approvals import consent
from bankside.approvals.models import Consent, Request
from bankside.people.policy import NotYours
from bankside.record import clock
from bankside.record.ids import new_id
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from bankside.record.reasons import ReasonMissing
from tests.approvals.asked import WORDS, Desk
from tests.people.team import person, team

pytestmark = pytest.mark.django_db

NOW = clock.from_iso("2027-02-01T08:00:00Z")


def facts() -> list[str]:
    rows = Entry.objects.filter(fact__startswith="approvals.").order_by("n")
    return [fact.removeprefix("approvals.") for fact in rows.values_list("fact", flat=True)]


def test_a_second_person_agrees_to_the_words_she_saw() -> None:
    desk = Desk()
    request = desk.ask(about="e" * 32)
    given = consent.give(desk.approver, request, words=list(reversed(WORDS)))
    assert [(c.channel, c.digest, c.basis) for c in given] == [(*words, "person") for words in WORDS]
    assert {c.approver for c in given} == {desk.approver}
    assert Request.objects.get(pk=request.pk).state == Request.GIVEN
    entry = Entry.objects.get(fact="approvals.approval-given")
    assert (entry.actor, entry.obj, entry.type) == (desk.approver.actor, "e" * 32, "approve")
    assert payload_of(entry.n).approver == desk.approver.uid
    for channel, digest in WORDS:
        found = consent.of(request.version, channel, digest)
        assert found in given
        assert consent.holds(found, channel=channel, digest=digest, now=clock.now_ms())


def test_giving_twice_is_giving_once() -> None:
    desk = Desk()
    request = desk.ask()
    first = consent.give(desk.approver, request, words=WORDS)
    assert consent.give(desk.approver, request, words=WORDS) == first
    assert facts() == ["approval-asked", "approval-given"]


@pytest.mark.parametrize("who", ["author", "editor"])
def test_author_and_last_editor_never_decide(who: str) -> None:
    desk = Desk()
    request = desk.ask()
    with pytest.raises(consent.OwnWords):
        consent.give(getattr(desk, who), request, words=WORDS)
    with pytest.raises(consent.OwnWords):
        consent.send_back(getattr(desk, who), request, reason="다시 써 주세요")
    assert not Consent.objects.exists()
    assert facts() == ["approval-asked"]


def test_a_request_object_that_lies_about_its_author_is_not_believed() -> None:
    desk = Desk()
    request = desk.ask()
    request.author = request.editor = desk.other
    with pytest.raises(consent.OwnWords):
        consent.give(desk.author, request, words=WORDS)


def test_it_takes_the_role_in_the_team() -> None:
    desk = Desk()
    request = desk.ask(team=team("서울"))
    for staff in (person("author"), person("approver", team=team("Utrecht")), person("administrator")):
        with pytest.raises(NotYours):
            consent.give(staff, request, words=WORDS)
        with pytest.raises(NotYours):
            consent.send_back(staff, request, reason="no")
    assert consent.give(person("approver", team=team("서울")), request, words=WORDS)


def test_a_reply_takes_a_reviewer() -> None:
    request = Desk().ask(kind="reply")
    with pytest.raises(NotYours):
        consent.give(person("approver"), request, words=WORDS)
    assert consent.give(person("reviewer"), request, words=WORDS)


@pytest.mark.parametrize(
    "seen",
    [[], WORDS[:1], [WORDS[0], (WORDS[1][0], "3" * 64)], [*WORDS, ("e" * 32, "3" * 64)], [*WORDS, WORDS[0]]],
)
def test_other_words_than_those_asked_are_not_agreed_to(seen: list[tuple[str, str]]) -> None:
    desk = Desk()
    request = desk.ask()
    with pytest.raises(consent.Changed):
        consent.give(desk.approver, request, words=seen)
    assert Request.objects.get(pk=request.pk).state == Request.WAITING


def test_what_expired_cannot_be_given_and_can_still_be_sent_back() -> None:
    desk = Desk()
    with clock.frozen(NOW):
        request = desk.ask(expires_ms=NOW + 1000)
    with clock.frozen(NOW + 1000), pytest.raises(consent.Expired):
        consent.give(desk.approver, request, words=WORDS)
    with clock.frozen(NOW + 1000):
        assert consent.send_back(desk.approver, request, reason="Te laat").state == Request.SENT_BACK


def test_a_consent_ends_with_its_request() -> None:
    desk = Desk()
    (channel, digest), _ = WORDS
    with clock.frozen(NOW):
        given = consent.give(desk.approver, desk.ask(expires_ms=NOW + 1000), words=WORDS)[0]
    assert consent.holds(given, channel=channel, digest=digest, now=NOW + 999)
    assert not consent.holds(given, channel=channel, digest=digest, now=NOW + 1000)


def test_a_consent_holds_for_its_words_on_its_channel_alone() -> None:
    desk = Desk()
    (channel, digest), (other_channel, other_digest) = WORDS
    given = consent.give(desk.approver, desk.ask(), words=WORDS)[0]
    now = clock.now_ms()
    assert not consent.holds(given, channel=other_channel, digest=digest, now=now)
    assert not consent.holds(given, channel=channel, digest=other_digest, now=now)
    given.channel, given.digest = other_channel, other_digest
    assert not consent.holds(given, channel=other_channel, digest=other_digest, now=now)


def test_sending_back_says_why_and_ends_it() -> None:
    desk = Desk()
    request = desk.ask()
    with pytest.raises(ReasonMissing):
        consent.send_back(desk.approver, request, reason="  ")
    for _ in range(2):
        row = consent.send_back(desk.approver, request, reason="금리를 확인하세요")
    assert (row.state, row.reason, row.decided_by) == (Request.SENT_BACK, "금리를 확인하세요", desk.approver)
    assert facts() == ["approval-asked", "sent-back"]
    with pytest.raises(consent.AlreadyDecided, match="sent back"):
        consent.give(desk.other, request, words=WORDS)


def test_an_edit_voids_what_waits_and_what_was_given() -> None:
    desk = Desk()
    thing = new_id()
    old, new = desk.ask(thing=thing), desk.ask(thing=thing)
    given = consent.give(desk.approver, old, words=WORDS)
    kept = consent.give(desk.approver, desk.ask(), words=WORDS)
    assert consent.void(thing, by_actor=desk.editor.actor, reason="edited") == 2
    assert consent.void(thing, by_actor=desk.editor.actor, reason="edited") == 0
    now = clock.now_ms()
    assert not any(consent.holds(c, channel=c.channel, digest=c.digest, now=now) for c in given)
    assert all(consent.holds(c, channel=c.channel, digest=c.digest, now=now) for c in kept)
    assert consent.of(old.version, *WORDS[0]) is None
    with pytest.raises(consent.Changed):
        consent.give(desk.approver, new, words=WORDS)
    with pytest.raises(consent.Changed):
        consent.give(desk.approver, old, words=WORDS)
    assert facts().count("approval-void") == 2


def test_voiding_can_keep_one_version() -> None:
    desk = Desk()
    thing = new_id()
    old, new = desk.ask(thing=thing), desk.ask(thing=thing)
    assert consent.void(thing, by_actor="s:test", reason="newer", keep_version=new.version) == 1
    assert consent.give(desk.approver, new, words=WORDS)
    assert Request.objects.get(pk=old.pk).state == Request.VOID


def test_of_two_who_decide_the_second_is_told() -> None:
    desk = Desk()
    request = desk.ask()
    first, second = Request.objects.get(pk=request.pk), Request.objects.get(pk=request.pk)
    consent.give(desk.approver, first, words=WORDS)
    with pytest.raises(consent.AlreadyDecided, match="approved"):
        consent.give(desk.other, second, words=WORDS)
    with pytest.raises(consent.AlreadyDecided):
        consent.send_back(desk.other, second, reason="太晚了")
    assert facts() == ["approval-asked", "approval-given"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_wins() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the file and PostgreSQL runs do this")
    desk = Desk()
    request = desk.ask()

    def decide(staff: object) -> str:
        try:
            consent.give(staff, Request.objects.get(pk=request.pk), words=WORDS)  # type: ignore[arg-type]
            return "given"
        except consent.AlreadyDecided:
            return "late"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, [desk.approver, desk.other])) == ["given", "late"]
    assert Consent.objects.count() == len(WORDS)


# --- by policy -----------------------------------------------------------------------------------------
def by_policy(author: object, **changes: object) -> list[Consent]:
    said = {"kind": "reply", "thing": new_id(), "version": new_id(), "words": WORDS[:1]} | changes
    return consent.by_policy(author=author, **said)  # type: ignore[arg-type]


def test_an_answer_of_a_responder_asks_nobody() -> None:
    responder = person("responder", name="이다은")
    version = new_id()
    given = by_policy(responder, version=version, about="e" * 32)
    assert by_policy(responder, version=version) == given
    (row,) = given
    assert (row.basis, row.policy, row.approver) == ("policy", "reply-direct@1", None)
    assert consent.holds(row, channel=WORDS[0][0], digest=WORDS[0][1], now=clock.now_ms())
    entry = Entry.objects.get(fact="approvals.policy-consent")
    assert (entry.obj, entry.actor) == ("e" * 32, responder.actor)
    with pytest.raises(consent.Changed):
        by_policy(responder, version=version, words=WORDS[1:])


def test_policy_never_lets_a_post_or_a_stranger_through(settings: LazySettings) -> None:
    responder = person("responder", "author", team=team("서울"))
    refused = [{"kind": "post"}, {"team": team("Utrecht")}, {}, {"kind": "offer"}]
    for changes in refused:
        with pytest.raises(consent.NeedsAPerson):
            by_policy(responder, **changes)
    assert by_policy(responder, team=team("서울"))
    settings.REPLY_APPROVAL = "always"
    with pytest.raises(consent.NeedsAPerson):
        by_policy(responder, team=team("서울"))


def test_a_consent_by_policy_falls_away_too() -> None:
    responder = person("responder")
    (row,) = by_policy(responder, thing="a" * 32)
    assert consent.void("a" * 32, by_actor=responder.actor, reason="taken back") == 1
    assert not consent.holds(row, channel=row.channel, digest=row.digest, now=clock.now_ms())
    assert facts() == ["policy-consent", "approval-void"]
