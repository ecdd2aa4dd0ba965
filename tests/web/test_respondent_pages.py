"""A questionnaire as an institution fills it in: forms without a script, nothing lost, nobody followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from bankside.measures import invitations, studies, study_answers
from bankside.measures.models import Respondent, Study
from bankside.people.models import Staff
from bankside.web import pace
from tests.measures.studied import TEXT, again, answered, author, invited, opened

pytestmark = [pytest.mark.django_db, pytest.mark.more]
HTML_LANGS = {"en": "en", "ko": "ko", "zh-hans": "zh-Hans", "nl": "nl"}


@pytest.fixture(autouse=True)
def _rested() -> Iterator[None]:
    pace.forget()
    yield
    pace.forget()


@pytest.fixture
def staff() -> Staff:
    return author()


@pytest.fixture
def row(staff: Staff) -> Respondent:
    return invited(staff, opened(staff), "Hanul Bank")[0]


@pytest.fixture
def link(row: Respondent) -> str:
    return f"/s/{invitations.token_of(row)}/"


def words(page: Any) -> str:
    return str(page.content.decode())


def strict() -> Client:
    """A browser whose forms are checked as a real one's are."""
    return Client(enforce_csrf_checks=True)


def test_a_questionnaire_from_its_link_to_its_end(row: Respondent, link: str) -> None:
    client = strict()
    assert "Hanul Bank" in words(client.get(link)) and "Begin" in words(client.get(link))
    first = words(client.get(f"{link}1/"))
    assert "Page 1 of 2" in first and "Do you use networks?" in first and "Which?" not in first
    went = client.post(f"{link}1/", {"q.uses": "yes", "then": "next"})
    assert (went.status_code, went["Location"]) == (303, f"{link}2/")
    second = words(client.get(f"{link}2/"))
    assert "Page 2 of 3" in second and "Which?" in second and "1 of 4 answered" in second
    client.post(f"{link}2/", {"q.networks": ["blog", "chat"], "q.people": "4.5"})
    stopped = client.post(f"{link}3/", {"q.value": "", "then": "stop"})
    assert stopped["Location"] == f"{link}?saved=1"
    start = words(Client().get(link))
    assert "Go on where you stopped" in start and "3 of 4 answered" in start
    review = words(client.get(f"{link}review/"))
    assert "Blog, Chat" in review and "4.5" in review and "1 question has no answer" in review
    assert client.post(f"{link}finish/")["Location"] == link
    assert "Your answers are in." in words(client.get(link))
    assert study_answers.cells_of(row) == {"uses": "yes", "networks": "blog|chat", "people": "4.5"}
    assert again(row).finished_at


def test_what_is_wrong_is_said_in_place_and_nothing_is_lost(row: Respondent, link: str) -> None:
    client = strict()
    client.post(f"{link}1/", {"q.uses": "yes"})
    page = client.post(f"{link}2/", {"q.networks": ["blog", "-"], "q.people": "many <b>"})
    said = words(page)
    assert page.status_code == 422 and said.count('class="error"') == 2
    assert 'value="many &lt;b&gt;"' in said and 'aria-invalid="true"' in said
    assert re.search(r'value="blog" checked', said) and re.search(r'value="-" checked', said)
    assert study_answers.cells_of(row) == {"uses": "yes"}


def test_finished_answers_can_be_opened_again(row: Respondent, link: str) -> None:
    answered(row, uses="no", value="2")
    client = strict()
    assert client.get(f"{link}1/")["Location"] == link
    assert client.post(f"{link}reopening/")["Location"] == f"{link}review/"
    client.post(f"{link}2/", {"q.value": "4"})
    client.post(f"{link}finish/")
    assert again(row).version == 2 and study_answers.cells_of(row)["value"] == "4"


@pytest.mark.parametrize("language", HTML_LANGS)
def test_it_speaks_four_languages(row: Respondent, link: str, language: str) -> None:
    client = strict()
    sent = client.post(f"{link}language/", {"language": language, "page": "1"})
    assert sent["Location"] == f"{link}1/"
    page = words(client.get(f"{link}1/", headers={"Accept-Language": "fr"}))
    assert f'<html lang="{HTML_LANGS[language]}">' in page
    asked = {"en": "Do you use networks?", "ko": "네트워크를 쓰십니까?", "zh-hans": "使用网络吗？"}
    assert asked.get(language, "Gebruikt u ze?") in page


def test_what_is_typed_is_kept_when_the_language_changes(row: Respondent, link: str) -> None:
    client = strict()
    went = client.post(f"{link}1/", {"q.uses": "no", "language": "nl"})
    assert went["Location"] == f"{link}1/" and 'value="no" checked' in words(client.get(f"{link}1/"))
    assert again(row).language == "nl"
    client.post(f"{link}language/", {"language": "xx"})
    assert again(row).language == "nl"


def test_nobody_is_followed_and_nothing_is_listed_or_kept(link: str) -> None:
    client = strict()
    for page in (client.get(link), client.get(f"{link}1/"), client.post(f"{link}1/", {"q.uses": "yes"})):
        assert not page.cookies and page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "no-referrer" and "noindex" in page["X-Robots-Tag"]
        assert "script-src 'self'" in page["Content-Security-Policy"]
        assert "<script" not in words(page) and "http://" not in words(page).replace("http://www.w3", "")


def test_a_link_that_opens_nothing_says_so_and_no_more(staff: Staff, row: Respondent, link: str) -> None:
    invitations.revoke(staff, row.study.obj, row.obj, reason="x")
    gone, never = Client().get(link), Client().get("/s/" + "a" * 40 + "/")
    assert gone.status_code == never.status_code == 404
    assert words(gone) == words(never) and "Hanul" not in words(gone)
    assert Client().get("/s/").status_code == Client().get("/s/a/b/c").status_code == 404


def test_guessing_is_slowed_down(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MISSED_MAX", 3)
    statuses = [Client().get(f"/s/{n:040d}/").status_code for n in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    assert Client(REMOTE_ADDR="192.0.2.7").get(link).status_code == 200


def test_one_link_cannot_ask_without_end(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "ASKED_MAX", 3)
    answers = [Client().get(link) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_nothing_is_taken_once_the_study_is_closed(staff: Staff, row: Respondent, link: str) -> None:
    [late] = invited(staff, row.study, "Noord Bank")
    answered(row, uses="no", value="3")
    studies.close(staff, row.study.obj)
    client = strict()
    assert "closed" in words(client.get(link))
    its = f"/s/{invitations.token_of(late)}/"
    assert client.post(f"{its}1/", {"q.uses": "yes"})["Location"] == its
    assert client.post(f"{its}finish/").status_code == 422
    assert client.get(f"{its}report/")["Location"] == its


def test_hostile_words_of_a_study_are_inert(staff: Staff) -> None:
    hostile = TEXT.replace('en = "Do you use networks?"', "en = '<img src=x onerror=alert(1)>'")
    study = opened(staff, hostile)
    [row] = invited(staff, study, "<b>Bank</b>")
    page = words(Client().get(f"/s/{invitations.token_of(row)}/1/"))
    assert "<img" not in page and "&lt;img" in page


def test_only_those_who_took_part_take_the_report(staff: Staff, row: Respondent, link: str) -> None:
    [other] = invited(staff, row.study, "Noord Bank")
    answered(row, uses="no", value="3")
    Study.objects.update(state=Study.PUBLISHED)
    assert Client().get(f"{link}report/").status_code == 200
    assert Client().get(f"/s/{invitations.token_of(other)}/report/").status_code == 303


@pytest.mark.parametrize(("typed", "kept"), [("4,5", "4.5"), ("12", "12"), ("1,200", ""), ("4.5", "4.5")])
def test_a_decimal_comma_is_a_number(row: Respondent, link: str, typed: str, kept: str) -> None:
    client = strict()
    client.post(f"{link}1/", {"q.uses": "yes", "then": "next"})
    page = client.post(f"{link}2/", {"q.networks": ["blog"], "q.people": typed})
    if not kept:  # a thousand, or one and two tenths: nobody can tell
        assert page.status_code == 422 and "is not a number" in words(page)
        return
    assert study_answers.cells_of(row).get("people", "") == kept
    client.post(f"{link}language/", {"language": "nl"})
    assert f'value="{kept.replace(".", ",")}"' in words(client.get(f"{link}2/"))
