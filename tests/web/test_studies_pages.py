"""The pages of studies as staff use them: written, opened, institutions, answers from a file, the report."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern

from bankside import urls
from bankside.measures import invitations, studies, study_looking
from bankside.measures.models import Respondent, Study
from bankside.people import policy
from bankside.people.models import Staff
from bankside.web import pages
from tests.measures.studied import CSV, TEXT, answered, author, invited, opened
from tests.people.team import person
from tests.web.conftest import BACKEND

pytestmark = [pytest.mark.django_db, pytest.mark.more]
HOSTILE = "<script>alert(1)</script>"
# Name of an address -> method, act, what stands in it.
MATRIX: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "studies": ("GET", "studies.read", ()),
    "study-new": ("GET", "studies.manage", ()),
    "study-meaning": ("POST", "studies.manage", ()),
    "study-observation": ("GET", "studies.manage", ()),
    "study-looking-new": ("POST", "studies.manage", ()),
    "study-looking": ("GET", "studies.manage", ("looking",)),
    "study": ("GET", "studies.read", ("study",)),
    "study-text": ("GET", "studies.read", ("study",)),
    "study-set-up": ("POST", "studies.manage", ("study",)),
    "study-opening": ("POST", "studies.manage", ("draft",)),
    "study-closing": ("POST", "studies.manage", ("study",)),
    "study-letters": ("POST", "studies.manage", ("study",)),
    "study-institutions": ("POST", "studies.manage", ("study",)),
    "study-institution": ("GET", "studies.manage", ("study", "one")),
    "study-renewal": ("POST", "studies.manage", ("study", "one")),
    "study-revocation": ("POST", "studies.manage", ("study", "one")),
    "study-responses": ("GET", "studies.manage", ("study",)),
    "study-report": ("GET", "studies.read", ("study",)),
    "study-beside": ("GET", "studies.read", ("study",)),
    "study-publication": ("GET", "studies.read", ("study",)),
    "study-file": ("GET", "studies.manage", ("study", "=responses.csv")),
}


def browser(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def words(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def staff() -> Staff:
    return author()


@pytest.fixture
def client(staff: Staff) -> Client:
    return browser(staff)


@pytest.fixture
def study(staff: Staff) -> Study:
    """Open, with one institution that finished and one that did not."""
    made = opened(staff)
    [one, _] = invited(staff, made, "Hanul Bank", "Noord Bank")
    answered(one, uses="yes", networks="blog|chat", people="4", value="5")
    return made


def test_every_address_is_in_the_matrix() -> None:
    assert {str(one.name) for one in urls.STUDIES if isinstance(one, URLPattern)} == set(MATRIX)


def test_an_address_opens_to_its_roles_alone(staff: Staff, study: Study) -> None:
    looking = study_looking.start(staff, title="", lines="Noord Bank; bank; https://noord.example/")
    on = {
        "study": study.obj,
        "draft": studies.create(staff, TEXT).obj,
        "one": Respondent.objects.filter(study=study)[0].obj,
        "looking": looking.obj,
    }
    everybody = {role: browser(person(role)) for role in policy.ROLES}
    wrong: list[tuple[object, ...]] = []
    for name, (method, act, named) in MATRIX.items():
        address = pages.url(name, *(one[1:] if one.startswith("=") else on[one] for one in named))
        address += f"?with={study.obj}" if name == "study-beside" else ""
        for role, its in everybody.items():
            may = role in policy.TABLE[act]
            status = (its.get(address) if method == "GET" else its.post(address, {"reason": "x"})).status_code
            if (status == 403) is may or status == 500:
                wrong.append((name, role, status))
        if Client().get(address).status_code != 302:
            wrong.append((name, "open to everybody"))
    assert wrong == []


def test_a_study_is_written_with_its_mistakes_by_line(client: Client) -> None:
    assert "[[question]]" in words(client.get("/studies/new/"))
    wrong = TEXT.replace('kind = "multi"', 'kind = "mult"')
    refused = client.post("/studies/new/", {"text": wrong})
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if 'kind = "mult"' in text)
    assert refused.status_code == 422 and not Study.objects.exists()
    assert f"line {line}" in words(refused) and "mult" in words(refused)
    broken = client.post("/studies/meaning/", {"text": TEXT + "\n= nothing"})
    assert f"line {TEXT.count(chr(10)) + 2}" in words(broken)
    made = client.post("/studies/new/", {"text": TEXT})
    assert made.status_code == 303 and made["Location"] == f"/studies/{Study.objects.get().obj}/"


def test_a_study_comes_as_a_file(client: Client) -> None:
    file = SimpleUploadedFile("study.toml", TEXT.replace("\n", "\r\n").encode("utf-8-sig"))
    client.post("/studies/new/", {"text": "ignored", "file": file})
    assert Study.objects.get().text == TEXT


def test_a_draft_is_rewritten_and_an_open_one_is_not(client: Client, staff: Staff) -> None:
    row = studies.create(staff, TEXT)
    client.post(f"/studies/{row.obj}/text/", {"text": TEXT.replace("2026", "2027")})
    row.refresh_from_db()
    assert "2027" in row.text
    client.post(f"/studies/{row.obj}/opening/")
    answer = client.post(f"/studies/{row.obj}/text/", {"text": TEXT})
    assert answer.status_code == 422 and "The study is open" in words(answer)


def test_institutions_are_invited_and_their_link_is_shown_to_managers_alone(
    client: Client, staff: Staff
) -> None:
    row = opened(staff)
    client.post(f"/studies/{row.obj}/institutions/", {"institutions": f"{HOSTILE}; bank; nl\nNoord Bank"})
    assert Respondent.objects.count() == 2
    one = Respondent.objects.get(language="nl")
    page = words(client.get(f"/studies/{row.obj}/institutions/{one.obj}/"))
    assert invitations.link_of(one) in page and HOSTILE not in page
    reader = browser(person("auditor"))
    assert reader.get(f"/studies/{row.obj}/institutions/{one.obj}/").status_code == 403
    shown = words(reader.get(f"/studies/{row.obj}/"))
    assert (
        "Noord Bank" in shown and invitations.token_of(one) not in shown and "Give each a link" not in shown
    )


def test_what_was_typed_wrong_is_not_lost(client: Client, staff: Staff) -> None:
    row = opened(staff)
    given = "Noord Bank\nZuid Bank; bank; fr"
    page = client.post(f"/studies/{row.obj}/institutions/", {"institutions": given})
    assert (
        page.status_code == 422 and "Zuid Bank; bank; fr" in words(page) and not Respondent.objects.exists()
    )


def test_answers_are_looked_at_before_they_are_kept(client: Client, staff: Staff) -> None:
    row = opened(staff)
    looked = client.post(
        f"/studies/{row.obj}/responses/", {"file": SimpleUploadedFile("a.csv", CSV.encode())}
    )
    assert "6 institutions in the file" in words(looked) and not Respondent.objects.exists()
    kept = client.post(f"/studies/{row.obj}/responses/", {"keep": "yes", "name": "a.csv", "table": CSV})
    assert kept.status_code == 303 and Respondent.objects.filter(finished_at__gt=0).count() == 6


def test_mistakes_of_a_file_are_listed_by_row_and_column(client: Client, staff: Staff) -> None:
    row = opened(staff)
    wrong = CSV.replace("Noord Bank,bank,yes,blog,3,4", "Noord Bank,bank,maybe,blog,many,4")
    page = client.post(
        f"/studies/{row.obj}/responses/", {"file": SimpleUploadedFile("a.csv", wrong.encode())}
    )
    said = words(page)
    assert page.status_code == 422 and not Respondent.objects.exists()
    assert "row 3, column C (uses)" in said and "row 3, column E (people)" in said and "2 mistakes" in said


def test_the_report_says_draws_and_lists(client: Client, study: Study) -> None:
    page = words(client.get(f"/studies/{study.obj}/report/"))
    assert (
        "1 institution" in page
        and "<svg" in page
        and "Do you use networks?" in page
        and 'class="said"' in page
    )
    assert "figures.csv" in page


def test_a_report_without_answers_is_calm(client: Client, staff: Staff) -> None:
    assert "Nothing to count yet." in words(client.get(f"/studies/{opened(staff).obj}/report/"))


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("responses.csv", b"Hanul Bank,bank,yes,blog|chat,4,5"), ("responses.xlsx", b"PK"),
        ("anonymous.csv", b",yes,blog|chat,4,5"), ("anonymous.xlsx", b"PK"), ("figures.csv", b"networks"),
        ("report.json", b'"questions"'), ("report.html", b"<html"), ("report.pdf", b"%PDF"),
    ],
)  # fmt: skip
def test_files_are_taken_away(client: Client, study: Study, name: str, holds: bytes) -> None:
    file = client.get(f"/studies/{study.obj}/files/{name}")
    assert file.status_code == 200 and holds in file.content
    assert file["Content-Disposition"] == f'attachment; filename="{name}"'
    assert b"Noord Bank" not in file.content
    assert name.startswith("responses") or b"Hanul Bank" not in file.content


def test_who_answered_what_only_managers_take(study: Study) -> None:
    reader = browser(person("auditor"))
    assert reader.get(f"/studies/{study.obj}/files/responses.csv").status_code == 403
    assert reader.get(f"/studies/{study.obj}/files/anonymous.csv").status_code == 200
    assert reader.get(f"/studies/{study.obj}/files/else.csv").status_code == 404


def test_a_study_is_closed_published_and_taken_by_those_who_took_part(client: Client, study: Study) -> None:
    one = Respondent.objects.select_related("study").get(institution="Hanul Bank")
    link = f"/s/{invitations.token_of(one)}/"
    assert client.post(f"/studies/{study.obj}/publication/").status_code == 422
    client.post(f"/studies/{study.obj}/closing/")
    assert "closed" in words(Client().get(link))
    client.post(f"/studies/{study.obj}/publication/")
    study.refresh_from_db()
    assert study.state == Study.PUBLISHED
    assert "The report is out" in words(client.get(f"/studies/{study.obj}/publication/"))
    assert "Take the report" in words(Client().get(link))
    assert "attachment" in Client().get(f"{link}report/")["Content-Disposition"]


def test_two_studies_lie_side_by_side(client: Client, staff: Staff, study: Study) -> None:
    seen = opened(staff)
    client.post(f"/studies/{seen.obj}/responses/", {"keep": "yes", "name": "a.csv", "table": CSV})
    page = words(client.get(f"/studies/{study.obj}/beside/?with={seen.obj}"))
    assert "Blog, Chat" in page and "Blog, Film" in page and "Change since" in page
    assert "blog|" not in page
    reader = words(browser(person("auditor")).get(f"/studies/{study.obj}/beside/?with={seen.obj}"))
    assert "blog|chat" not in reader


def test_an_observation_comes_as_an_archive(client: Client) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("out/study.toml", TEXT)
        archive.writestr("out/responses.csv", CSV)
        archive.writestr(
            "out/evidence.jsonl", '{"institution": "Hanul Bank", "url": "https://hanulbank.example/"}\nx\n'
        )
    made = client.post("/studies/observation/", {"file": SimpleUploadedFile("a.zip", file.getvalue())})
    row = Study.objects.get()
    assert made["Location"] == f"/studies/{row.obj}/report/" and row.source == "observation"
    one = Respondent.objects.get(institution="Hanul Bank")
    assert "https://hanulbank.example/" in words(client.get(f"/studies/{row.obj}/institutions/{one.obj}/"))
    assert (
        client.post("/studies/observation/", {"file": SimpleUploadedFile("a.zip", b"PK")}).status_code == 422
    )


def test_settings_are_kept_and_letters_need_a_mail_server(client: Client, study: Study) -> None:
    client.post(f"/studies/{study.obj}/settings/", {"us": "Hanul Bank", "named": "yes"})
    study.refresh_from_db()
    assert study.us == "Hanul Bank" and not study.anonymous
    assert "no mail server" in words(client.post(f"/studies/{study.obj}/letters/"))
