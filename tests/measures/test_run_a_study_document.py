"""docs/learn/run-a-study.md works as it stands: its study, institutions and answers are really used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bankside.measures import invitations, studies, study_imports, study_reports
from bankside.web.api.routes import api
from tests.measures.studied import author

PAGE = (Path(__file__).resolve().parents[2] / "docs/learn/run-a-study.md").read_text(encoding="utf-8")


def block(beginning: str) -> str:
    """The block of code that begins so."""
    found = re.findall(r"^```\w*\n(.*?)^```", PAGE, re.S | re.M)
    return str(next(one for one in found if one.startswith(beginning)))


@pytest.mark.django_db
def test_the_study_of_the_page_is_run() -> None:
    staff = author()
    study = studies.open_study(staff, studies.create(staff, block("[study]")).obj)
    rows = invitations.invite(staff, study.obj, invitations.read_lines(block("Noord Bank;")))
    assert [row.language for row in rows] == ["nl", "ko", "en"]
    assert study_imports.take(staff, study.obj, block("institution,").encode(), "responses.csv") == 3
    report = study_reports.report_of(studies.close(staff, study.obj))
    assert [(one.base, one.none) for one in report.questions] == [(3, 0), (2, 1)]


@pytest.mark.django_db
def test_the_mistake_of_the_page_is_named_so() -> None:
    staff = author()
    study = studies.open_study(staff, studies.create(staff, block("[study]")).obj)
    wrong = block("institution,").replace("investment,no", "investment,nee, of")
    with pytest.raises(study_imports.FileWrong) as refused:
        study_imports.take(staff, study.obj, wrong.replace("nee, of", "never").encode(), "responses.csv")
    [trouble] = refused.value.troubles
    assert f"`{trouble.where}`" in PAGE


def test_its_addresses_are_those_of_the_api() -> None:
    there = api.get_openapi_schema(path_prefix="/api/")["paths"]
    lines = re.findall(r"^(GET|POST) +(/api/v1\S+)", PAGE, re.M)
    assert len(lines) == 7 and all(method.lower() in there[path] for method, path in lines)
