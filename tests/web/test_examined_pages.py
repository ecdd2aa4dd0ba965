"""What an examiner does in the desk: searches the record, sees an entry's proof and versions, takes files."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bankside.inbox import examined
from bankside.inbox.models import Conversation
from bankside.people import policy
from bankside.people import staff as people
from bankside.record import entry_proof, reading, readings, seal
from bankside.record.entry_proof import NoProof, NotPublishedYet
from bankside.record.log import proofs
from bankside.record.log.trust import parse_trust
from bankside.web import asked as asking
from bankside.web import proof_drawn
from bankside.web.asked import Asked
from bankside.web.staff.record_versions import compared
from tests.publish import room
from tests.scene import Scene
from tests.web.caller import By, Caller

At = Callable[[str], Client]
SEARCH = "/record/search/"
SEARCHED = "inbox.messages-searched"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def said_by_a_customer(scene: Scene, *, private: bool = False) -> Conversation:
    scene.network.customer_says("카드를 잃어버렸어요", name="박서준", lang="ko", private=private)
    scene.later(120)
    return Conversation.objects.get()


def numbers(page: str) -> set[int]:
    return {int(n) for n in re.findall(r'class="calm" href="/record/(\d+)/"', page)}


# --- search --------------------------------------------------------------------------------------------
def test_words_are_found_and_that_she_looked_is_recorded_first(scene: Scene, at: At) -> None:
    talk = said_by_a_customer(scene, private=True)
    page = text_of(at("auditor").get(SEARCH, {"words": "카드"}))
    assert numbers(page) == {talk.pk} and "<mark>카드</mark>" in page and "Private" in page
    [told] = reading.entries(fact=SEARCHED)
    assert told.actor == scene.people["auditor"].actor and told.type == "read"
    at("auditor").get(SEARCH, {"words": "카드"})
    assert len(reading.entries(fact=SEARCHED)) == 1, "the same within 15 minutes is told once"
    assert "Nothing in the record fits." in text_of(at("auditor").get(SEARCH, {"words": "없는낱말"}))


def test_who_may_not_read_words_searches_leaves_alone(scene: Scene, at: At) -> None:
    said_by_a_customer(scene)
    client = at("administrator")
    page = text_of(client.get(SEARCH, {"what": "post.in"}))
    assert numbers(page) and 'name="words"' not in page and "카드" not in page
    assert client.get(SEARCH, {"words": "카드"}).status_code == 403
    assert not reading.entries(fact=SEARCHED)


@pytest.mark.parametrize(
    ("person", "found"), [("박서준", True), ("김아무", None), ("pieter@hanulbank.example", None)]
)
def test_a_person_is_found_by_name_subject_and_address(
    scene: Scene, at: At, person: str, found: bool | None
) -> None:
    talk = said_by_a_customer(scene)
    response = at("auditor").get(SEARCH, {"person": person, "what": "post.in"})
    if found:
        assert numbers(text_of(response)) == {talk.pk}
    else:
        assert response.status_code == 422 and "Nothing was looked for." in text_of(response)
    page = text_of(at("auditor").get(SEARCH, {"person": talk.subj, "what": "post.in"}))
    assert numbers(page) == {talk.pk}


def test_looking_for_a_person_takes_the_right_to_read_and_is_recorded_first(scene: Scene, at: At) -> None:
    """T3: who may see the record alone does not learn from it whether somebody is a customer here."""
    talk = said_by_a_customer(scene)
    found = reading.words_of(scene.people["auditor"].actor, talk.pk)
    assert found is not None and found.said is not None
    account = f"practice:{found.said['seen']['actor']['remote_id']}"
    ways = [
        (SEARCH, {"person": "박서준"}), (SEARCH, {"person": "nobody at all"}), (SEARCH, {"person": account}),
        ("/api/v1/record/search", {"where": f'account = "{account}"'}),
        ("/api/v1/record/search", {"where": f'type = post.in and not account = "{account}"'}),
        ("/record/packages/", {"where": f'account = "{account}"'}),
        ("/api/v1/record/packages/count", {"where": f'account = "{account}"'}),
    ]  # fmt: skip
    for address, query in ways:
        for role in ("administrator", "auditor"):
            caller = Caller(scene.people[role]) if "/api/" in address else None
            headers, client = (caller.headers, caller.client) if caller else ({}, at(role))
            client.raise_request_exception = False
            ask = partial(client.get, address, query, headers=headers)
            before = len(reading.entries(fact=SEARCHED, limit=200))
            with transaction.atomic(), mock.patch.object(readings, "append", side_effect=OSError):
                blind = ask()
                transaction.set_rollback(True)
            with transaction.atomic():
                answer, told = ask(), len(reading.entries(fact=SEARCHED, limit=200)) - before
                transaction.set_rollback(True)
            expected = ({403}, 0, 403) if role == "administrator" else ({200, 422}, 1, 503)
            assert answer.status_code in expected[0], (address, query, role)
            assert (told, blind.status_code) == expected[1:], (address, query, role)


def test_an_address_of_a_colleague_and_an_id_are_looked_for_by_whoever_sees_the_record(
    scene: Scene, at: At
) -> None:
    talk = said_by_a_customer(scene)
    for person in (talk.subj, "author@hanulbank.example"):
        assert at("administrator").get(SEARCH, {"person": person}).status_code == 200
    assert not reading.entries(fact=SEARCHED)


def test_channel_period_kind_and_state_narrow(scene: Scene, at: At) -> None:
    talk = said_by_a_customer(scene)
    room.submitted(scene)
    client = at("auditor")

    def found(**query: str) -> set[int]:
        return numbers(text_of(client.get(SEARCH, query)))

    assert talk.pk in found(channel=scene.channel.obj) and talk.pk not in found(what="people")
    assert talk.pk in found(first="2026-11-24", last="2026-11-24", what="post.in")
    assert not found(first="2026-11-25", what="post.in") and not found(last="2026-11-23", what="post.in")
    assert talk.pk in found(state="readable", what="inbox") | found(state="readable", what="channels")
    assert not found(state="erased", what="post.in") and not found(state="held", what="post.in")


def test_an_expression_that_is_wrong_says_where(scene: Scene, at: At) -> None:
    response = at("auditor").get(SEARCH, {"what": 'x" or'})
    assert response.status_code == 422 and "Line 1, column" in text_of(response)


def test_pages_do_not_overlap_and_cost_one_statement(scene: Scene) -> None:
    for number in range(7):
        scene.network.customer_says(f"카드 {number}", name=f"고객 {number}", lang="ko")
    scene.later(120)
    auditor, seen = scene.people["auditor"], list[int]()
    place = 0
    for _ in range(3):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = asking.find(auditor, "type = post.in", "", before=place, limit=3)
        assert len(asked) == 1
        seen += [one.n for one in page.entries]
        place = page.next
    assert len(set(seen)) == len(seen) == 7 and place == 0
    assert seen == sorted(seen, reverse=True)
    first = asking.find(auditor, "all", "카드", limit=4)
    rest = asking.find(auditor, "all", "카드", before=first.next, limit=4)
    assert len({hit.entry.n for hit in (*first.hits, *rest.hits)}) == 7 and rest.next == 0


def test_words_cost_one_statement_and_the_entry_that_tells_of_it(scene: Scene) -> None:
    said_by_a_customer(scene)
    auditor = scene.people["auditor"]
    chosen = asking.selected(auditor, "all")
    with CaptureQueriesContext(connection) as asked:
        [hit] = examined.said(auditor, "카드", chosen)
    selects = [one["sql"] for one in asked if "inbox_message" in (one["sql"] or "")]
    assert len(selects) == 1 and hit.lang == "ko" and len(asked) < 16


@pytest.mark.parametrize(
    ("asked", "expression"),
    [
        (Asked(), "all"),
        (Asked(channel='a"b\\'), r'channel = "a\"b\\"'),
        (Asked(what="inbox", state="erased"), "room = inbox and state = erased"),
        (Asked(what="post.in"), 'type = "post.in"'),
        (Asked(what="edit"), 'type = "edit"'),
        (Asked(first="2026-11-24"), "time >= 2026-11-23T15:00Z"),
        (Asked(last="2026-11-24"), "time < 2026-11-24T15:00Z"),
        (Asked(person="a" * 32), f"(subject = {'a' * 32} or actor = u:{'a' * 32})"),
        (Asked(person="s:operator"), 'actor = "s:operator"'),
        (Asked(person="x@bank.example"), 'actor = "x@bank.example"'),
        (Asked(person="practice:account:5"), 'account = "practice:account:5"'),
        (Asked(first="yesterday", state="gone"), "all"),
    ],
)
@pytest.mark.django_db
def test_fields_become_an_expression(asked: Asked, expression: str) -> None:
    from zoneinfo import ZoneInfo

    assert asking.expression(None, asked, ZoneInfo("Asia/Seoul")) == expression


# --- proof ---------------------------------------------------------------------------------------------
def test_an_entry_shows_its_proof_and_gives_files_that_hold(scene: Scene, at: At) -> None:
    n = said_by_a_customer(scene).pk
    seal.seal_all()
    client = at("auditor")
    page = text_of(client.get(f"/record/{n}/"))
    assert 'class="path"' in page and "Signed by the log itself" in page
    assert "No witness that this desk knows has signed this head yet." in page
    proof, leaf = client.get(f"/record/{n}/files/proof"), client.get(f"/record/{n}/files/leaf")
    trust = parse_trust(client.get("/record/files/trust").content)
    shown = proofs.check_entry(proofs.parse_entry_proof(proof.content), leaf.content, trust)
    assert shown.head.size > 0 and leaf.content.decode() == reading.entry(n).leaf
    assert proof["Content-Disposition"] == f'attachment; filename="entry-{n}.tlog-proof"'
    verify = client.get("/record/files/verify.html")
    assert (
        verify["Content-Disposition"].startswith("attachment")
        and b"Content-Security-Policy" in verify.content
    )
    assert client.get(f"/record/{n}/files/words").status_code == 404
    assert client.get("/record/files/secret").status_code == 404


def test_an_entry_without_a_head_says_what_to_do(scene: Scene, at: At, by: By) -> None:
    n = reading.entries(limit=1)[0].n
    assert "no published head reaches it yet" in text_of(at("auditor").get(f"/record/{n}/"))
    status, said = by("auditor").ask("GET", f"/record/entries/{n}/proof")
    assert status == 404 and "ask again in a moment" in said["detail"]
    seal.seal_all()
    assert at("auditor").get(f"/record/{n}/files/proof").status_code == 200


def test_a_proof_that_does_not_hold_is_never_given(scene: Scene) -> None:
    row = reading.entries(limit=1)[0]
    with pytest.raises(NotPublishedYet):
        entry_proof.proved(row)
    seal.seal_all()
    folder = seal.folder_of(row.lane, row.year)
    [bundle] = [p for p in (folder.path / "tile" / "entries").rglob("*") if p.is_file()]
    bundle.write_bytes(bundle.read_bytes().replace(b'"v":1', b'"v":2'))
    with pytest.raises(NoProof):
        entry_proof.proved(row)


def test_the_path_is_drawn_with_a_sentence() -> None:
    assert proof_drawn.sides(0, 8, 3) == [False, False, False]
    assert proof_drawn.sides(7, 8, 3) == [True, True, True]
    assert proof_drawn.sides(6, 7, 2) == [True, True]
    svg = proof_drawn.drawn(5, 7, 3)
    assert svg.count('class="given"') == 3 and svg.count('class="own"') == 4
    assert 'aria-label="From the entry to the root of 7 entries: 3 steps."' in svg
    assert proof_drawn.drawn(0, 1, 0).count("<circle") == 1


# --- versions ------------------------------------------------------------------------------------------
def test_versions_stand_side_by_side_and_opening_them_is_recorded(scene: Scene, at: At) -> None:
    post, _ = room.submitted(scene)
    [first, *_] = reading.entries(fact="publish.post-submitted", obj=post.obj)[::-1]
    client = at("auditor")
    page = text_of(client.get(f"/record/{first.n}/versions/"))
    assert room.TEXT not in page and not reading.entries(fact="record.entry-read")
    opened = text_of(client.post(f"/record/{first.n}/versions/"))
    assert room.TEXT.split()[0] in opened and reading.entries(fact="record.entry-read")
    assert at("administrator").post(f"/record/{first.n}/versions/").status_code == 403


def test_a_change_on_a_network_is_a_chain_of_two(scene: Scene, at: At) -> None:
    item = scene.network.customer_says("카드를 잃었어요", name="박서준", lang="ko")
    scene.later(120)
    scene.network.customer_edits(item, "카드를 찾았어요")
    scene.later(120)
    [changed] = reading.entries(fact="channels.activity-changed")
    page = text_of(at("auditor").get(f"/record/{changed.n}/"))
    assert f"/record/{changed.n}/versions/" in page
    opened = text_of(at("auditor").post(f"/record/{changed.n}/versions/"))
    assert re.search(r"<del>.*잃었어요</del>", opened) and re.search(r"<ins>.*찾았어요</ins>", opened)
    assert "Gone:" in opened and "New:" in opened
    assert len(reading.entries(fact="record.entry-read")) == 2


def test_fields_that_differ_come_with_their_words() -> None:
    old = {"title": "a", "text": "one two", "via": "hook", "same": "x"}
    new = {"title": "a", "text": "one three", "via": "poll", "same": "x"}
    found = {one.name: one for one in compared(old, new)}
    assert set(found) == {"title", "text", "via"} and not found["title"].differs
    assert (found["text"].said("gone"), found["text"].said("new")) == (["two"], ["three"])
    assert [one.name for one in compared({}, new, alone=True)] == ["title", "text"]


# --- the API -------------------------------------------------------------------------------------------
def test_the_api_finds_and_proves(scene: Scene, by: By) -> None:
    talk = said_by_a_customer(scene)
    seal.seal_all()
    found = by("auditor").get("/record/search?q=%EC%B9%B4%EB%93%9C&where=type%20%3D%20post.in")
    [item] = found["items"]
    assert (item["n"], item["private"]) == (str(talk.pk), False)
    assert "".join(piece["text"] for piece in item["pieces"]) == "카드를 잃어버렸어요"
    first = by("administrator").get("/record/search?limit=2")
    more = by("administrator").get(f"/record/search?limit=2&cursor={first['next']}")
    assert not {one["n"] for one in first["items"]} & {one["n"] for one in more["items"]}
    assert by("administrator").ask("GET", "/record/search?q=x")[0] == 403
    status, said = by("auditor").ask("GET", "/record/search?where=nonsense")
    assert status == 422 and "column" in said["detail"]


def test_a_records_officer_may_search_words(scene: Scene) -> None:
    officer = people.add("officer@hanulbank.example", "Records Officer", role="records-officer")
    assert policy.may(officer, "record.read")
    said_by_a_customer(scene)
    assert len(asking.find(officer, "all", "카드").hits) == 1
