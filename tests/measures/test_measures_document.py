"""docs/learn/measures.md says what is so: its commands run, its rule and its addresses are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.test import Client

from bankside import commands
from bankside.measures import rules
from bankside.people import staff
from tests.web.caller import Caller

pytestmark = pytest.mark.django_db
PAGE = Path("docs/learn/measures.md").read_text(encoding="utf-8")


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = re.findall(r"^\$ bin/bankside (.*)$", PAGE, re.M)
    assert len(said) == 2
    monkeypatch.chdir(tmp_path)
    for line in said:
        assert commands.main(shlex.split(line)) == commands.DONE
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_its_rule_is_the_one_as_it_came() -> None:
    [text] = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    assert text in rules.shipped("savings")
    first = rules.read_savings(rules.shipped("savings"))[0]
    assert f"{first.percent}% would have been a visit of {first.minutes} minutes" in PAGE


def test_its_addresses_are_there() -> None:
    caller = Caller(staff.add("lezer@hanulbank.example", "Lezer", role="auditor", team=None))
    found = re.findall(r"`/api/v1(/[^`]*)`", PAGE)
    assert len(found) == 3
    for path in found:
        caller.get(path)


def test_what_it_names_stands_on_the_page() -> None:
    client = Client()
    who = staff.add("meting@hanulbank.example", "Meting", role="administrator", team=None)
    client.force_login(who, backend="bankside.people.sign_in.StaffBackend")
    page = client.get("/measures/").content.decode()
    for words in ("Last week", "4 weeks", "Quarter", "Filter", "What each number means"):
        assert words in page
