from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.ask import Ask
from tests.house.tree import ROOT

WORKED = str(ROOT / "docs/learn/worked-study")
TOML = """
[study]
title = "Networks"
[[question]]
id = "uses"
kind = "single"
options = ["yes", "no"]
[[question]]
id = "networks"
kind = "multi"
options = ["a", "b"]
base = 'uses == "yes"'
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text(TOML)
    (tmp_path / "responses.csv").write_text(
        "institution,sector,uses,networks\nA,bank,yes,a|b\nB,bank,no,a\nC,bank,yes,-\nD,bank,,\n"
    )
    return tmp_path


def test_a_report_for_programs(ask: Ask, study: Path) -> None:
    said = ask("study", "report", str(study), "--json")
    assert said.code == 0
    uses, networks = said.json["questions"]
    assert (uses["id"], uses["base"]) == ("uses", 3)
    assert uses["options"][0] == {"option": "yes", "count": 2, "percent": 66.7, "low": 20.8, "high": 93.9}
    assert (networks["base"], networks["options"][0]["count"]) == (2, 1)
    assert "row 3, column D (networks)" in said.err
    assert ask("study", "report", str(study / "study.toml"), "--json").json == said.json


def test_a_report_for_people(ask: Ask, study: Path) -> None:
    said = ask("study", "report", str(study), "--csv", str(study / "f.csv"), "--html", str(study / "r.html"))
    assert said.code == 0
    assert "- 4 institutions answered." in said.out
    assert "yes 2 66.7 20.8 – 93.9 1 no 1 33.3" in " ".join(said.out.split())
    assert (study / "f.csv").read_bytes().startswith(b"\xef\xbb\xbfquestion,")
    assert (study / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_an_earlier_wave(ask: Ask, study: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    earlier = tmp_path_factory.mktemp("earlier")
    (earlier / "study.toml").write_text(TOML.replace("[study]", "[study]\nyear = 2020"))
    (earlier / "responses.csv").write_text("institution,uses,networks\nA,no,\nB,no,\nC,no,\n")
    said = ask("study", "report", str(study), "--against", str(earlier), "--json")
    assert said.json["before"] == "2020"
    row = said.json["questions"][0]["change"]["rows"][0]
    assert (row["before"]["count"], row["after"]["count"], row["up"], row["p"]) == (0, 2, 2, 0.5)
    assert ask("study", "report", str(study), "--against", str(earlier / "nothing")).code == 1


def test_what_is_wrong_is_said_and_refused(ask: Ask, study: Path) -> None:
    with (study / "responses.csv").open("a") as file:
        file.write("E,bank,perhaps,c\n")
    for command in ("check", "report"):
        said = ask("study", command, str(study))
        assert (said.code, said.out) == (1, "")
        assert said.err.splitlines() == [
            "responses.csv, row 6, column C (uses): “perhaps” is not an option. It can be: yes, no.",
            "responses.csv, row 6, column D (networks): “c” is not an option. It can be: a, b.",
        ]


def test_a_study_that_can_be_used(ask: Ask, study: Path) -> None:
    said = ask("study", "check", str(study))
    assert (said.code, said.out) == (0, "2 questions, 4 institutions\n")
    found = ask("study", "check", WORKED, "--json").json
    assert found == {"questions": 14, "institutions": 21, "waves": ["2024", "2026"], "warnings": []}


@pytest.mark.parametrize(
    "words", [(), ("report",), ("report", WORKED, "--lang", "fr"), ("report", WORKED, "--jsn")]
)
def test_misuse(ask: Ask, words: tuple[str, ...]) -> None:
    assert ask("study", *words).code == 2


def test_a_folder_that_is_not_there(ask: Ask, tmp_path: Path) -> None:
    said = ask("study", "report", str(tmp_path / "nothing"), "--json")
    assert (said.code, said.out) == (1, "")
    assert "nothing: There is no such file" in said.err


def test_neither_django_nor_a_database_is_started() -> None:
    script = (
        "import sys; from bankside.commands import main; main(['study', 'report', sys.argv[1], '--json']);"
        "print([name for name in sys.modules if name.split('.')[0] == 'django'], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, WORKED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert len(json.loads(done.stdout)["questions"]) == 14


@pytest.mark.parametrize("language", ["ko", "zh-Hans", "nl"])
def test_the_report_in_another_language(ask: Ask, language: str) -> None:
    english, other = (ask("study", "report", WORKED, "--lang", one).out for one in ("en", language))
    title = {"ko": "금융기관", "zh-Hans": "金融机构", "nl": "Sociale netwerken"}[language]
    assert other.startswith(title) and not english.startswith(title)
