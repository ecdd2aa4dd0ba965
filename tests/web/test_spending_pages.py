"""The page Spending: what waits, files made and given, yearly values, codes brought; each by right."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bankside.people.models import Staff
from bankside.record.append import entries_where
from bankside.rewards import partner_codes, redemption, statement
from bankside.rewards.models import Line, MadeFile, PartnerCode
from tests.rewards import joined
from tests.scene import Scene
from tests.web import carded, visiting
from tests.web.conftest import BACKEND

pytestmark = pytest.mark.django_db
WHY = "the Monday run"
Of = Callable[[str], Client]


@pytest.fixture
def on(scene: Scene) -> dict[str, Any]:
    return carded.on_desk(scene)


@pytest.fixture
def of(scene: Scene, on: dict[str, Any]) -> Of:
    people: dict[str, Staff] = carded.deskwide(scene)

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(people[role], backend=BACKEND)
        return client

    return signed_in


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def codes(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("codes.txt", "\n".join(lines).encode(), "text/plain")


def exported() -> int:
    return len(entries_where("fact = %s", ["people.data-exported"]))


def test_what_waits_is_made_once_and_downloaded_twice_the_same(of: Of) -> None:
    client = of("administrator")
    page = text_of(client.get("/spending/"))
    assert "Money on statements" in page and "₩10" in page and "Nothing waits." in page
    key = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert key
    form = {"kind": "statement-credit", "key": key[1]}
    done = client.post("/spending/files/", form, follow=True)
    assert "A file with 1 line was made." in text_of(done)
    again = client.post("/spending/files/", form, follow=True)
    assert "A file with 1 line was made." in text_of(again) and MadeFile.objects.count() == 2
    other = client.post("/spending/files/", form | {"key": "another"}, follow=True)
    assert "Nothing waits to be sent." in text_of(other)
    row = MadeFile.objects.latest("pk")
    refused = client.post(f"/spending/files/{row.obj}/", {"reason": "x"})
    assert refused.status_code == 422 and "what the file is for" in text_of(refused) and not exported()
    assert '<details class="take" open>' in text_of(refused), "the form that was wrong is open"
    first, second = (client.post(f"/spending/files/{row.obj}/", {"reason": WHY}) for _ in range(2))
    assert first.content == second.content == statement.body_of(row) and exported() == 2
    assert first["Content-Type"].startswith("text/csv") and first["Cache-Control"] == "no-store"
    assert client.post(f"/spending/files/{'0' * 32}/", {"reason": WHY}).status_code == 404


def test_the_history_says_who_and_when_and_how_much(of: Of, on: dict[str, Any]) -> None:
    client = of("administrator")
    client.post("/spending/files/", {"kind": "statement-credit", "key": "k"})
    page = text_of(client.get("/spending/"))
    assert "Card administrator" in page and "Operator" in page, "one was made at the machine"
    assert page.index("Card administrator") < page.index("Operator") and "₩5" in page
    assert on["file"][:8] in page and MadeFile.objects.get(obj=on["file"]).sha256 in page


def test_a_file_that_was_changed_is_not_given(of: Of, on: dict[str, Any]) -> None:
    Line.objects.filter(file=on["file"]).update(amount=5_000_000)
    refused = of("administrator").post(f"/spending/files/{on['file']}/", {"reason": WHY})
    assert refused.status_code == 422 and "changed behind the desk" in text_of(refused) and not exported()


def test_each_sees_what_is_hers(of: Of) -> None:
    sends, exports = text_of(of("administrator").get("/spending/")), of("records-officer").get("/spending/")
    assert "Waits for a file" in sends and "Codes of partners" in sends and "Yearly values" not in sends
    page = text_of(exports)
    assert "Yearly values" in page and "Waits for a file" not in page and "Codes of partners" not in page
    assert of("author").get("/spending/").status_code == 403


@pytest.mark.parametrize(("role", "door"), [
    ("records-officer", "/spending/"), ("administrator", "/spending/"), ("author", "/programmes/"),
])  # fmt: skip
def test_the_rail_leads_to_a_page_that_opens(of: Of, role: str, door: str) -> None:
    client = of(role)
    assert f'class="r-card" href="{door}"' in text_of(client.get("/rail/"))
    assert client.get(door).status_code == 200


def test_a_year_is_taken_away_for_a_reason(of: Of) -> None:
    client = of("compliance")
    assert "No year was taken away yet." in text_of(client.get("/spending/"))
    for form, words in (
        ({"year": "2026", "reason": ""}, "what the file is for"),
        ({"year": "1999", "reason": WHY}, "Choose a year from 2000 to 2026."),
        ({"year": "２０２６", "reason": WHY}, "Choose a year"), ({"reason": WHY}, "Choose a year"),
    ):  # fmt: skip
        refused = client.post("/spending/values/", form)
        assert refused.status_code == 422 and words in text_of(refused)
    assert not exported()
    first, second = (client.post("/spending/values/", {"year": "2026", "reason": WHY}) for _ in range(2))
    assert first.content == second.content and b"participation" in first.content and exported() == 2
    assert 'filename="member-values-2026-' in first["Content-Disposition"]
    assert MadeFile.objects.filter(kind="member-values").count() == 1
    assert "2026" in text_of(client.get("/spending/")) and "Card compliance" in text_of(
        client.get("/spending/")
    )


def test_codes_are_brought_all_or_none_and_then_offered_to_members(of: Of) -> None:
    client = of("administrator")
    assert "not offered" in text_of(client.get("/spending/"))
    said = client.post(
        "/spending/codes/", {"choice": "coffee", "file": codes("A-1", "", "A-2", "A-1")}, follow=True
    )
    assert "2 new codes came in. 1 was there already (line 4)." in text_of(said)
    said = client.post("/spending/codes/", {"choice": "coffee", "file": codes("A-1", "A-2")}, follow=True)
    assert "0 new codes came in. 2 were there already (lines 1, 2)." in text_of(said)
    for given, words in (
        ({"file": codes("A-3", "two words")}, "Line 2 is no code"), ({}, "There is no code in it."),
        ({"file": codes("x" * 800_001)}, "at most 800,000 bytes"),
    ):  # fmt: skip
        refused = client.post("/spending/codes/", {"choice": "coffee", **given})
        assert refused.status_code == 422 and words in text_of(refused)
    assert client.post("/spending/codes/", {"choice": "yacht", "file": codes("A-1")}).status_code == 404
    assert PartnerCode.objects.count() == 2
    assert {one.id: one.left for one in redemption.choices()}["coffee"] == 2
    assert "A-1" not in text_of(client.get("/spending/")), "codes are shown to nobody"


def test_a_page_of_many_files_takes_as_many_statements_as_one_of_few(
    of: Of, django_assert_max_num_queries: Any
) -> None:
    who = joined.member()
    visiting.rich(who, 5_000)
    client = of("administrator")
    for n in range(52):
        redemption.redeem(who, "statement", 10, f"k{n}")
        statement.make(None, "statement-credit", f"day {n}")
    with django_assert_max_num_queries(16):
        page = text_of(client.get("/spending/"))
    assert page.count('<details class="take"') == 50
    older = re.search(r'rel="next" href="(/spending/\?before=\d+)"', page)
    assert older
    assert text_of(client.get(older[1])).count('<details class="take"') == 3


def test_a_desk_whose_choices_take_no_codes_says_so(of: Of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partner_codes, "listed", tuple)
    assert "Nothing in the list of choices is paid with codes." in text_of(
        of("administrator").get("/spending/")
    )
