"""What the observer wrote becomes a study in the desk: whole or not at all, with its evidence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bankside.channels import places
from bankside.measures import invitations, studies, study_observed, study_reports
from bankside.measures.models import Evidence, Respondent, Study
from bankside.measures.observation import study as observed
from bankside.measures.observation.institution import Account, Institution
from bankside.measures.study_imports import FileWrong
from bankside.people.policy import NotYours
from tests.measures.studied import CSV, TEXT, author
from tests.people.team import person

pytestmark = pytest.mark.django_db


def packed(files: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def seen(name: str, network: str) -> observed.Observed:
    who = Institution(name=name, hosts=(f"{network}.example",), sector="bank")
    account = Account(
        network=network,
        key="k",
        handle="@k",
        address="https://a.example/k",
        strength=3,
        flags=(),
        pages=1,
        traces=(),
    )
    return observed.Observed(who=who, pages=2, accounts=(account,))


def test_the_folder_of_the_observer_is_taken(tmp_path: Path) -> None:
    known = places.known_places()
    told = observed.definition(known, title="Seen", year="2026")
    observed.write(
        [seen("Hanul Bank", known[0].network), seen("Noord Bank", known[1].network)], told, tmp_path
    )
    body = packed({file.name: file.read_bytes() for file in tmp_path.iterdir()})
    study = study_observed.take(author(), body)
    assert (study.state, study.source, study.anonymous) == (Study.CLOSED, Study.OBSERVATION, False)
    report = study_reports.report_of(study)
    assert report.institutions == 2 and report.questions[0].base == 2
    [row, _] = invitations.of(study)
    [line] = study_observed.evidence_of(row)
    assert line["own"] is True and line["account"]["address"] == "https://a.example/k"


@pytest.mark.parametrize(
    "files",
    [
        {}, {"study.toml": TEXT}, {"responses.csv": CSV}, {"study.toml": "x", "responses.csv": CSV},
        {"study.toml": TEXT, "responses.csv": CSV.replace("yes", "maybe")},
        {"study.toml": TEXT, "responses.csv": "institution,sector\n"},
    ],
)  # fmt: skip
def test_an_archive_that_is_no_study_leaves_nothing(files: dict[str, str | bytes]) -> None:
    staff = author()
    with pytest.raises((FileWrong, studies.StudyWrong, studies.NobodyAsked)):
        study_observed.take(staff, packed(files))
    assert not Study.objects.exists() and not Respondent.objects.exists()


def test_an_archive_that_swells_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_observed, "UNPACKED_BYTES_MAX", 100_000)
    with pytest.raises(FileWrong, match="1 mistake"):
        study_observed.take(author(), packed({"study.toml": TEXT, "responses.csv": b"0" * 200_000}))
    with pytest.raises(FileWrong):
        study_observed.take(author(), b"PK\x03\x04" + b"x" * 50)


def test_evidence_that_says_nothing_is_passed_over() -> None:
    lines = '{"institution": "Hanul Bank", "n": 1}\nnot json\n[1]\n{"institution": "Nobody"}\n' + "[" * 5_000
    study = study_observed.take(
        author(), packed({"study.toml": TEXT, "responses.csv": CSV, "evidence.jsonl": lines})
    )
    assert [one.respondent.study_id for one in Evidence.objects.all()] == [study.pk]


def test_only_who_manages_studies_brings_one() -> None:
    with pytest.raises(NotYours):
        study_observed.take(person("auditor"), packed({"study.toml": TEXT, "responses.csv": CSV}))
