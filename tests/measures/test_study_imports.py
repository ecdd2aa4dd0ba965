"""Answers from a file: all or nothing, every mistake by row and column, and what goes out comes in again."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bankside.measures import sheets, study_answers, study_imports, study_reports
from bankside.measures.models import Answer, Respondent
from bankside.measures.study_imports import FileWrong
from bankside.measures.study_rows import NotNow
from bankside.record.models import Entry
from tests.measures.studied import CSV, NAMES, answered, author, draft, invited, opened

pytestmark = pytest.mark.django_db


def brought(text: str, name: str = "responses.csv") -> bytes:
    return text.encode()


def xlsx(text: str) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for line in text.splitlines():
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])  # type: ignore[union-attr]
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["csv", "semicolons", "xlsx"])
def test_a_file_becomes_answers(kind: str) -> None:
    staff = author()
    study = opened(staff)
    body = {"csv": CSV.encode(), "semicolons": CSV.replace(",", ";").encode("utf-8-sig"), "xlsx": xlsx(CSV)}[
        kind
    ]
    assert study_imports.take(staff, study.obj, body, "a") == 6
    rows = {one["institution"]: one for one in study_answers.records_of(study)}
    assert sorted(rows) == sorted(NAMES)
    assert rows["Oost Verzekering"]["networks"] == "-" and rows["Hanul Bank"]["networks"] == "blog|video"
    assert Entry.objects.filter(fact="measures.responses-imported").count() == 1


def test_looking_keeps_nothing() -> None:
    staff = author()
    study = opened(staff)
    looked = study_imports.look(staff, study.obj, CSV.encode(), "a.csv")
    assert (len(looked.responses), looked.new, looked.replaced) == (6, 6, 0)
    assert not Respondent.objects.exists()


def test_one_wrong_cell_keeps_the_whole_file_out_and_all_are_named() -> None:
    staff = author()
    study = opened(staff)
    wrong = (
        CSV.replace("12,5", "12,9")
        .replace("3,4", "-3,4")
        .replace("West Bank,bank,yes", "West Bank,bank,yess")
    )
    with pytest.raises(FileWrong) as refused:
        study_imports.take(staff, study.obj, wrong.encode(), "a.csv")
    assert sorted((one.row, one.name) for one in refused.value.troubles) == [
        (2, "value"), (3, "people"), (6, "uses"),
    ]  # fmt: skip
    assert not Respondent.objects.exists() and not Answer.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\xff", b"PK\x03\x04nothing", b'institution\n"open', b"institution,uses,uses\na,yes,no\n"],
)
def test_what_is_no_table_is_refused(body: bytes) -> None:
    staff = author()
    study = opened(staff)
    with pytest.raises(FileWrong):
        study_imports.take(staff, study.obj, body, "a.csv")


def test_what_was_answered_by_a_link_is_replaced_only_when_that_is_said() -> None:
    staff = author()
    study = opened(staff)
    [row, waiting] = invited(staff, study, "Hanul Bank", "Noord Bank")
    answered(row, uses="no", value="1")
    with pytest.raises(FileWrong) as refused:
        study_imports.take(staff, study.obj, CSV.encode(), "a.csv")
    assert [(one.row, one.column) for one in refused.value.troubles] == [(2, 1)]
    study_imports.take(staff, study.obj, CSV.encode(), "a.csv", replace=True)
    assert study_answers.cells_of(row)["uses"] == "yes"
    assert Respondent.objects.get(pk=waiting.pk).finished_at and Respondent.objects.count() == 6


def test_a_study_that_is_not_open_takes_no_file() -> None:
    staff = author()
    with pytest.raises(NotNow):
        study_imports.take(staff, draft(staff).obj, CSV.encode(), "a.csv")


def test_what_goes_out_comes_in_again() -> None:
    staff = author()
    study, twin, third = opened(staff), opened(staff), opened(staff)
    text = CSV.replace("Meer Bank", "=cmd|calc").replace("West Bank", "+West")
    study_imports.take(staff, study.obj, text.encode(), "a.csv")
    for other, body in ((twin, study_reports.rows_csv(study)), (third, study_reports.rows_xlsx(study))):
        study_imports.take(staff, other.obj, body, "b")
        assert study_answers.records_of(other) == study_answers.records_of(study)


def test_no_cell_that_goes_out_is_a_formula() -> None:
    staff = author()
    study = opened(staff)
    study_imports.take(staff, study.obj, CSV.replace("Meer Bank", "=cmd|calc").encode(), "a.csv")
    assert b"\r\n'=cmd|calc," in study_reports.rows_csv(study)
    book = load_workbook(io.BytesIO(study_reports.rows_xlsx(study)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert "'=cmd|calc" in {cell.value for cell in cells}


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_a_cell_is_no_formula_and_comes_back(cell: str) -> None:
    out = sheets.neutral(cell)
    assert not out.startswith(("=", "@", "\t", "\r")) and sheets.plain(out) == (
        sheets.plain(cell) if out == cell else cell
    )


def test_rows_without_names_hide_small_sectors() -> None:
    staff = author()
    study = opened(staff)
    study_imports.take(staff, study.obj, CSV.encode(), "a.csv")
    rows = study_reports.rows(study, anonymous=True)[1:]
    assert {row[1] for row in rows} == {"bank", ""} and len({row[0] for row in rows}) == 6
    assert not {row[0] for row in rows} & set(NAMES)
    assert rows == study_reports.rows(study, anonymous=True)[1:]  # the same labels each time
    found = study_reports.alike(study)
    assert found.left_out == ("insurance", "investment") and found.fewest == 2
