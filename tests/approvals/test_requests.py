from __future__ import annotations

import pytest
from django.conf import LazySettings

from bankside.approvals import requests
from bankside.approvals.models import Request
from bankside.record import clock
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.approvals.asked import WORDS, Desk
from tests.people.team import person, team

pytestmark = pytest.mark.django_db

NOW = clock.from_iso("2027-02-01T08:00:00Z")
HOUR = 3_600_000


def test_asking_writes_a_request_its_words_and_a_fact() -> None:
    desk = Desk()
    request = desk.ask(lane=0, about="e" * 32)
    assert requests.parts_of(request) == WORDS
    entry = Entry.objects.get(fact="approvals.approval-asked")
    fact = payload_of(entry.n)
    assert (entry.obj, entry.actor) == ("e" * 32, desk.editor.actor)
    assert (fact.author, fact.editor, fact.version) == (desk.author.uid, desk.editor.uid, request.version)
    assert [(w.channel, w.digest) for w in fact.words] == WORDS


def test_asking_again_for_the_same_version_gives_the_old_request() -> None:
    desk = Desk()
    first = desk.ask()
    again = desk.ask(thing=first.thing, version=first.version, words=list(reversed(WORDS)))
    assert again == first
    assert Entry.objects.filter(fact="approvals.approval-asked").count() == 1
    with pytest.raises(requests.OtherWords):
        desk.ask(thing=first.thing, version=first.version, words=WORDS[:1])


@pytest.mark.parametrize("words", [[], [WORDS[0], WORDS[0]], [("c" * 32, "1" * 64), ("c" * 32, "2" * 64)]])
def test_a_request_needs_each_channel_once(words: list[tuple[str, str]]) -> None:
    with pytest.raises(requests.NothingToAsk):
        Desk().ask(words=words)


def test_consent_counts_from_now_or_from_the_planned_time(settings: LazySettings) -> None:
    settings.APPROVAL_HOURS = 10
    desk = Desk()
    with clock.frozen(NOW):
        assert desk.ask().expires_at == NOW + 10 * HOUR
        assert desk.ask(due_ms=NOW + 24 * HOUR).expires_at == NOW + 34 * HOUR
        assert desk.ask(due_ms=NOW - 24 * HOUR).expires_at == NOW + 10 * HOUR
        assert desk.ask(expires_ms=NOW + 1).expires_at == NOW + 1


def test_what_waits_is_shown_to_those_who_may_decide_and_did_not_write() -> None:
    desk = Desk()
    seoul = team("서울")
    hers = person("approver", team=seoul)
    whole, local = desk.ask(), desk.ask(team=seoul)
    reply = desk.ask(kind="reply", team=seoul)
    assert set(requests.waiting_for(desk.approver)) == {whole, local}
    assert not requests.waiting_for(desk.author)
    assert not requests.waiting_for(desk.editor)
    assert list(requests.waiting_for(hers)) == [local]
    assert set(requests.waiting_for(person("reviewer"))) == {reply}
    assert set(requests.waiting_for(person("compliance"))) == {whole, local, reply}
    assert not requests.waiting_for(person("auditor"))
    assert not requests.waiting_for(person())
    for staff in (desk.approver, desk.author, desk.editor, hers, person("compliance"), person("auditor")):
        for kind in ("post", "reply"):
            counted = requests.waiting_for(staff).filter(kind=kind).count()
            assert requests.waiting(staff, kind) == counted


def test_what_is_due_first_comes_first_and_what_expired_not_at_all() -> None:
    desk = Desk()
    with clock.frozen(NOW):
        later = desk.ask(due_ms=NOW + 5 * HOUR)
        sooner = desk.ask(due_ms=NOW + 2 * HOUR)
        gone = desk.ask(expires_ms=NOW + HOUR)
        assert list(requests.waiting_for(desk.approver)) == [gone, sooner, later]
    with clock.frozen(NOW + HOUR):
        assert list(requests.waiting_for(desk.approver)) == [sooner, later]
        assert requests.waiting(desk.approver, "post") == 2


def test_who_sees_a_request() -> None:
    desk = Desk()
    post, reply = desk.ask(), desk.ask(kind="reply")
    assert list(requests.visible_to(desk.author)) == [post]
    assert list(requests.visible_to(person("responder"))) == [reply, post]
    assert requests.get_visible(desk.author, post.obj) == post
    for obj in (reply.obj, "f" * 32, ""):
        with pytest.raises(requests.NoSuchRequest):
            requests.get_visible(desk.author, obj)
    assert not requests.visible_to(person("administrator"))


def test_a_long_title_is_cut() -> None:
    assert len(Request.objects.get(pk=Desk().ask(title="年" * 500).pk).title) == 200
