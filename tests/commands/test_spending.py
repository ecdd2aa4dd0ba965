"""What members spent, by the command line: files, yearly values and codes, for a timer and for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from bankside.record.append import entries_where
from bankside.rewards import redemption
from bankside.rewards.models import Member, PartnerCode
from tests.commands.ask import Ask
from tests.rewards import joined, living
from tests.web import visiting

pytestmark = pytest.mark.django_db
WHY = ("--reason", "the Monday run")


@pytest.fixture
def member() -> Member:
    living.live(living.SAMPLE)
    who = joined.member()
    visiting.rich(who, 20_000)
    return who


def test_a_file_for_the_bank(ask: Ask, member: Member, tmp_path: Path) -> None:
    assert ask("spending", "make", "gift").err == "bankside: Nothing waits to be sent.\n"
    redemption.redeem(member, "statement", 100, "k1")
    waits = ask("spending", "waiting").out.splitlines()
    assert waits[0] == "statement-credit: 1 lines wait, KRW 100" and waits[1] == "gift: 0 lines wait, nothing"
    made = ask("spending", "make", "statement-credit", "--key", "2026-11-30")
    obj = made.out.split()[0]
    assert ask("spending", "make", "statement-credit", "--key", "2026-11-30").out == made.out
    assert ask("spending", "make", "statement-credit", "--key", "2026-12-01").code == 1
    assert ask("spending", "files").out == made.out
    [listed] = ask("spending", "files", "--json").json
    assert (listed["obj"], listed["rows"], listed["totals"], listed["by"]) == (
        obj,
        1,
        {"KRW": 100},
        "s:operator",
    )
    out = tmp_path / "statement.csv"
    assert ask("spending", "file", obj, "--out", str(out)).code == 2, "a reason is asked for"
    assert ask("spending", "file", obj, "--out", str(out), "--reason", "x").code == 1 and not out.exists()
    assert "no folder" in ask("spending", "file", obj, "--out", str(tmp_path / "a" / "b"), *WHY).err
    assert not entries_where("fact = %s", ["people.data-exported"])
    assert listed["sha256"] in ask("spending", "file", obj, "--out", str(out), *WHY).out
    first = out.read_bytes()
    assert ask("spending", "file", obj, "--out", str(out), *WHY).code == 0 and out.read_bytes() == first
    assert str(member.customer_ref) in first.decode() and list(tmp_path.iterdir()) == [out]
    assert len(entries_where("fact = %s", ["people.data-exported"])) == 2


def test_without_a_key_every_call_is_a_file_of_its_own(ask: Ask, member: Member) -> None:
    for n in range(2):
        redemption.redeem(member, "river", 100, f"k{n}")
        assert ask("spending", "make", "gift").code == 0
    assert len({line.split()[0] for line in ask("spending", "files").out.splitlines()}) == 2


def test_a_year(ask: Ask, member: Member, tmp_path: Path) -> None:
    out = tmp_path / "values.csv"
    assert "Choose a year" in ask("spending", "values", "1999", "--out", str(out), *WHY).err
    assert ask("spending", "values", "soon", "--out", str(out), *WHY).code == 2
    year = str(_year())
    assert ask("spending", "values", year, "--out", str(out), *WHY).code == 0
    assert member.obj in out.read_text() and out.read_text().startswith("record,account,member,origin,")


def _year() -> int:
    from bankside.rewards import yearly_values

    return yearly_values.this_year()


def test_codes(ask: Ask, member: Member, tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_text("CAFE-1\n\nCAFE-2\nCAFE-1\n", encoding="utf-8")
    said = ask("spending", "codes", "coffee", str(file))
    assert said.out == "coffee: 2 new codes; 1 were there already (line 4)\n"
    assert ask("spending", "codes", "coffee", str(file), "--json").json["known"] == [1, 3, 4]
    assert "coffee: 2 codes left, 0 given" in ask("spending", "waiting").out
    file.write_text("CAFE-3\ntwo words\n", encoding="utf-8")
    assert "Line 2 is no code" in ask("spending", "codes", "coffee", str(file)).err
    assert "no such choice" in ask("spending", "codes", "yacht", str(file)).err
    file.write_bytes(b"x" * 900_000)
    assert "at most 800,000 bytes" in ask("spending", "codes", "coffee", str(file)).err
    assert ask("spending", "codes", "coffee", str(tmp_path / "nothing")).code == 1
    assert PartnerCode.objects.count() == 2
