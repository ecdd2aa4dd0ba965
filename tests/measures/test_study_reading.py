"""Reading studies: liberal in what spreadsheets make of a file, exact in saying what is wrong and where."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.study.answers import Answer, cell_of
from bankside.measures.study.read_definition import define_text
from bankside.measures.study.reading import read
from bankside.measures.study.responses import Study, build, from_records
from bankside.measures.study.sheet import table_of
from bankside.measures.study.trouble import DefinitionWrong, ResponsesWrong, Troubles, letters_of
from bankside.measures.study.writing import definition_text, responses_text, write

TOML = """
[study]
title = {en = "Networks", ko = "네트워크"}
year = 2026
unit = "institution"

[[question]]
id = "uses"
kind = "single"
options = [{id = "yes", text = {en = "yes", ko = "예", zh = "是", nl = "ja"}}, "no"]

[[question]]
id = "networks"
kind = "multi"
base = 'uses == "yes"'
options = ["video", "blog", "short | long"]
text.en = "Which?"

[[question]]
id = "worth"
kind = "scale"
options = [1, 2, 3]

[[question]]
id = "team"
kind = "number"
min = 0
max = 500
""".replace('"short | long"', '"short"')
HEAD = "institution,sector,uses,networks,worth,team\n"


def study(body: str | bytes, toml: str = TOML) -> Study:
    raw = body.encode() if isinstance(body, str) else body
    return build(define_text(toml), table_of(raw, "responses.csv"))


def troubles(body: str | bytes, toml: str = TOML) -> list[str]:
    with pytest.raises(Troubles) as caught:
        study(body, toml)
    return [trouble.line for trouble in caught.value.troubles]


def cells(found: Study, row: int = 0) -> dict[str, str]:
    return {id: cell_of(answer) for id, answer in found.responses[row].answers.items()}


PLAIN = HEAD + "Hanul Bank,bank,yes,video|blog,2,3.5\nB,insurance,no,,-,\n"


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        "\ufeff" + PLAIN,
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "\n\n" + PLAIN.replace("\nB", "\n\n,,,,,\nB"),
        PLAIN.replace("video|blog", " video |  blog "),
        PLAIN.replace("video|blog", '"blog|video|blog|"'),
        PLAIN.replace("Hanul Bank,bank,yes", '"Hanul Bank"," bank ",YES'),
        PLAIN.replace("bank,yes", "bank,예"),
        PLAIN.replace("bank,yes", "bank,是"),
        PLAIN.replace("bank,yes", "bank,Ｊａ"),
        PLAIN.replace(",-,", ",–,"),
        PLAIN.replace("institution,sector", "Institution, SECTOR "),
        PLAIN.replace("3.5", "'3.5").replace("'3.5", "3.50"),
        PLAIN.replace("no,,-,\n", "no,,-\n"),
    ],
)
def test_what_spreadsheets_save_is_read_as_the_same(body: str | bytes) -> None:
    found = study(body)
    assert [response.institution for response in found.responses] == ["Hanul Bank", "B"]
    assert [response.sector for response in found.responses] == ["bank", "insurance"]
    assert cells(found) == {"uses": "yes", "networks": "video|blog", "worth": "2", "team": "3.5"}
    assert cells(found, 1) == {"uses": "no", "networks": "", "worth": "-", "team": ""}
    assert found.warnings == ()


def test_a_workbook_is_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["institution", "sector", "uses", "networks", "worth", "team"],
        ["A", "bank", "yes", "blog", 2, 3.5],
    ):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    assert cells(study(file.getvalue())) == {"uses": "yes", "networks": "blog", "worth": "2", "team": "3.5"}
    assert "not an XLSX" in troubles(b"PK\x03\x04 and then nothing")[0]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (
            "A,bank,yse,,,\n",
            ["responses.csv, row 2, column C (uses): “yse” is not an option. Did you mean “yes”?"],
        ),
        (
            "A,bank,,,,\n\nA,bank,perhaps,,,\n",
            [
                "responses.csv, row 4, column A (institution): “A” answered already in row 2. "
                "Keep one of the two rows."
            ],
        ),
        (
            "A,bank,perhaps,,,\n",
            ["responses.csv, row 2, column C (uses): “perhaps” is not an option. It can be: yes, no."],
        ),
        (
            "A,bank,yes|no,,,\n",
            [
                "responses.csv, row 2, column C (uses): This question takes one answer, here are 2. "
                "Only questions of the kind multi take several."
            ],
        ),
        (
            "A,bank,yes,-|blog,,\n",
            [
                "responses.csv, row 2, column D (networks): “-” says that none was chosen, "
                "and others stand beside it. Keep one or the other."
            ],
        ),
        (
            "A,bank,yes,,4,twelve\nB,bank,yes,,1.5,-3\nC,bank,,,,501\nD,bank,,,,\"1,200\"\n",
            [
                "responses.csv, row 2, column E (worth): “4” is not an option. It can be: 1, 2, 3.",
                "responses.csv, row 2, column F (team): “twelve” is not a number. "
                "Write it like 1200 or 4.5, without signs for thousands.",
                "responses.csv, row 3, column E (worth): “1.5” is not an option. It can be: 1, 2, 3.",
                "responses.csv, row 3, column F (team): -3 is less than 0.",
                "responses.csv, row 4, column F (team): 501 is more than 500.",
                "responses.csv, row 5, column F (team): “1,200” is not a number. "
                "Write it like 1200 or 4.5, without signs for thousands.",
            ],
        ),
        (
            ",bank,yes,,,\n",
            [
                "responses.csv, row 2, column A (institution): The institution has no name. "
                "Name it, or empty the row."
            ],
        ),
        ("A,bank,yes,,,,more\n", ["responses.csv, row 2, column G (): This cell has no heading."]),
        (
            "Ａ,bank,,,,\na ,bank,,,,\n",
            [
                "responses.csv, row 3, column A (institution): “a” answered already in row 2. "
                "Keep one of the two rows."
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_row_and_column(rows: str, lines: list[str]) -> None:
    assert troubles(HEAD + rows) == lines


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (
            "institution,sector,uses,netwerks,worth,team\n",
            "responses.csv, row 1, column D (netwerks): There is no question of this name. "
            "Did you mean “networks”?",
        ),
        ("institution,sector,uses,worth,team\n", "responses.csv, row 1: The column networks is missing."),
        (
            HEAD.replace("team", "uses"),
            "responses.csv, row 1, column F (uses): The column uses stands there twice.",
        ),
        ("", "responses.csv: The file is empty. Its first row has the headings."),
    ],
)  # fmt: skip
def test_headings_that_are_wrong(head: str, line: str) -> None:
    assert line in troubles(head + "A,bank,yes,,,\n" if head else "")


def test_a_sector_is_not_needed() -> None:
    assert (
        study(PLAIN.replace("sector,", "").replace("bank,", "").replace("insurance,", "")).responses[0].sector
        == ""
    )


def test_bytes_that_are_no_text_are_refused_with_their_row() -> None:
    assert troubles(HEAD.encode() + b"A,bank,\xb1\xe2\xbe\xf7,,,\n") == [
        "responses.csv, row 2: This is not UTF-8. Save it as “CSV UTF-8”."
    ]
    assert "cannot be parted" in troubles(HEAD + 'A,bank,"yes,,,\n')[0]


def test_an_answer_outside_its_base_is_a_warning_and_counts_nowhere() -> None:
    toml = TOML.replace('kind = "scale"\n', 'kind = "scale"\nbase = "video in networks"\n')
    found = study(HEAD + "A,bank,no,video,3,\nB,bank,,video,3,\nC,bank,yes,video,3,\n", toml)
    assert [cells(found, row)["networks"] for row in range(3)] == ["", "", "video"]
    assert [cells(found, row)["worth"] for row in range(3)] == ["", "", "3"]
    assert [(w.row, w.column, w.name) for w in found.warnings] == [
        (2, 4, "networks"), (2, 5, "worth"), (3, 4, "networks"), (3, 5, "worth"),
    ]  # fmt: skip
    assert found.warnings[0].line == (
        "responses.csv, row 2, column D (networks): "
        'This is not counted: the base uses == "yes" does not hold here.'
    )


def test_more_answers_than_there_are_institutions() -> None:
    toml = TOML.replace("year = 2026", "year = 2026\npopulation = 1")
    assert troubles(PLAIN, toml) == [
        "responses.csv: 2 institutions answered of a population of 1. Correct population in study.toml."
    ]


def test_waves_are_kept_apart_and_ordered() -> None:
    body = "institution,wave,uses,networks,worth,team\nA,2026,yes,,,\nA,2024,no,,,\nB,2025,yes,,,\n"
    found = study(body)
    assert found.waves == ("2024", "2025", "2026")
    assert [r.institution for r in found.wave("2025").responses] == ["B"]
    named = TOML.replace("year = 2026", 'year = 2026\nwaves = ["2026", "2025", "2024"]')
    assert study(body, named).waves == ("2026", "2025", "2024")
    assert "The wave is missing" in troubles(body + "C,,yes,,,\n")[0]


def test_a_scale_without_options_has_its_bounds_or_what_was_answered() -> None:
    toml = TOML.replace("options = [1, 2, 3]\n", "")
    found = study(PLAIN.replace("blog,2", "blog,10"), toml)
    assert [option.id for option in found.definition.question("worth").options] == ["10"]
    bounded = define_text(TOML.replace("options = [1, 2, 3]\n", "min = 0\nmax = 10\n"))
    assert [option.written for option in bounded.question("worth").options] == list(range(11))


def test_a_folder_or_one_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TOML, encoding="utf-8")
    with pytest.raises(ResponsesWrong, match=r"responses.csv: There is no such file"):
        read(tmp_path)
    (tmp_path / "responses.csv").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "other.csv").write_text(PLAIN.replace("Hanul Bank", "Bank C"), encoding="utf-8")
    assert read(tmp_path) == read(tmp_path / "study.toml") == read(tmp_path / "responses.csv")
    assert read(tmp_path / "other.csv").responses[0].institution == "Bank C"
    (tmp_path / "study.toml").write_text(TOML.replace('title = {en = "Networks", ko = "네트워크"}', ""))
    assert read(tmp_path).definition.title == {}
    with pytest.raises(DefinitionWrong, match=r"nothing: There is no such file"):
        read(tmp_path / "nothing")
    (tmp_path / "study.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(DefinitionWrong, match="UTF-8"):
        read(tmp_path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    toml = TOML.replace("year = 2026", 'year = 2026\npopulation = 9\nwaves = ["x"]')
    first = study(PLAIN.replace("Hanul Bank", '"=cmd()"').replace(",no,,", ",no,video,"), toml)
    write(first, tmp_path / "new")
    second = read(tmp_path / "new")
    assert second.definition == first.definition
    assert second.responses == first.responses
    assert second.responses[0].institution == "=cmd()"
    assert "'=cmd()" in responses_text(first)


def test_records_are_read_like_rows() -> None:
    definition = define_text(TOML)
    found = from_records(definition, [{"institution": "A", "uses": "yes", "networks": "blog"}])
    assert found.responses[0].answers["networks"] == Answer(chosen=("blog",))
    with pytest.raises(ResponsesWrong, match="no question of this name"):
        from_records(definition, [{"institution": "A", "used": "yes"}])


def test_letters_over_columns() -> None:
    assert [letters_of(n) for n in (0, 1, 26, 27, 52, 53, 702, 703)] == [
        "",
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["yes", "no", "-", ""]),
            st.sampled_from(["video", "blog|video", "-", "", "video|short"]),
            st.sampled_from(["1", "3", "-", ""]),
            st.sampled_from(["0", "12.5", "500", "-", ""]),
        ),
        max_size=6,
    )
)
def test_reading_and_writing_are_each_others_opposite(rows: list[tuple[str, ...]]) -> None:
    definition = define_text(TOML)
    table: list[list[str]] = [HEAD.strip().split(",")]
    table += [[f"Bank {n}", "bank", *row] for n, row in enumerate(rows)]
    found = build(definition, table)
    again = build(define_text(definition_text(definition)), table_of(responses_text(found).encode(), "r.csv"))
    assert [r.answers for r in again.responses] == [r.answers for r in found.responses]
    assert again.warnings == ()


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        study(HEAD.encode() + body)
    except Troubles as error:
        assert all(trouble.line for trouble in error.troubles)


def test_numbers_are_exact() -> None:
    found: Any = study(PLAIN).responses[0].answers["team"]
    assert found.number == Fraction(7, 2)
