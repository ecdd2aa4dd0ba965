"""What a member spends on her phone until it has left the bank, with processes that are killed on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests import founded
from tests.flows.desk import ROOT, on_the_database

pytestmark = [pytest.mark.desk, pytest.mark.timeout(300)]
WHY = ("--reason", "the run of Monday")
PREAMBLE = """
import json, os, signal, sys
import django
django.setup()

def die(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)
"""
# She comes in from the bank's own app, with points that a gift gave her, and spends them on her phone.
SPENDS = """
from tests.rewards import living
from tests.web import visiting
from bankside.rewards.models import Redemption
living.live(visiting.TEXT)
who = visiting.her()
visiting.with_card(who)
visiting.rich(who, 9_000)
phone = visiting.phone(who)
page = phone.get("/m/spend/").content.decode()
assert 'value="coffee"' in page and 'value="cinema"' not in page, "what has no codes is not offered"
for choice, points in (("statement", 300), ("river", 200), ("coffee", 4_500), ("statement", 50)):
    form = {"choice": choice, "points": points, "key": f"{choice} {points}"}
    for _ in range(2):
        assert phone.post("/m/spend/", form).status_code == 303
assert "CAFE-1" in phone.get("/m/spend/").content.decode()
last = Redemption.objects.get(points=50)
assert phone.post(f"/m/spend/{last.obj}/return/").status_code == 303
print(json.dumps({"member": who.obj, "account": who.customer_ref,
                  "spent": [row.obj for row in Redemption.objects.filter(state="done")]}))
"""
KILLED_BEFORE_IT_IS_TOLD = """
from bankside.rewards import statement
statement.append = die
statement.make(None, "statement-credit", "monday")
"""
KILLED_BEFORE_IT_IS_SAID = """
from bankside.commands import main, spending
spending.say = die
main(["spending", "make", "statement-credit", "--key", "monday"])
"""
TAKES_BACK = """
from bankside.rewards import redemption
from bankside.rewards.models import Member
try:
    redemption.undo(Member.objects.get(), sys.argv[1])
except redemption.TooLate as late:
    print(late)
"""


class Desk:
    """A founded desk, driven by processes of their own."""

    def __init__(self, data: Path) -> None:
        self.env: Mapping[str, str] = {
            **on_the_database(data), "DJANGO_SETTINGS_MODULE": "bankside.settings", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        founded.lay(self.env)

    def run(self, code: str, *given: str, killed: bool = False) -> str:
        """What the code prints; `killed`: it is expected to die by its own hand."""
        done = self._process("-c", PREAMBLE + textwrap.dedent(code), *given)
        assert done.returncode == (-9 if killed else 0), done.stderr
        return done.stdout.strip()

    def spending(self, *words: str, refused: bool = False) -> str:
        """One of our commands."""
        done = self._process("-m", "bankside", "spending", *words)
        assert done.returncode == (1 if refused else 0), done.stderr
        return done.stderr if refused else done.stdout

    def waits(self) -> list[Any]:
        return [one for one in json.loads(self.spending("waiting", "--json")) if "lines" in one]

    def verified(self) -> str:
        done = self._process("-m", "bankside", "verify")
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def _process(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=dict(self.env), capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip


def test_from_her_phone_to_the_systems_of_the_bank(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    codes = tmp_path / "codes.txt"
    codes.write_text("CAFE-1\nCAFE-2\n", encoding="utf-8")
    desk.spending("codes", "coffee", str(codes))
    her = json.loads(desk.run(SPENDS))
    waiting = [
        {"kind": "statement-credit", "lines": 1, "totals": {"KRW": 300}},
        {"kind": "gift", "lines": 1, "totals": {"KRW": 200}},
    ]
    assert desk.waits() == waiting
    assert "coffee: 1 codes left, 1 given" in desk.spending("waiting")

    desk.run(KILLED_BEFORE_IT_IS_TOLD, killed=True)
    assert desk.waits() == waiting and desk.spending("files") == "", "half a file is none"
    desk.run(KILLED_BEFORE_IT_IS_SAID, killed=True)
    made = desk.spending("make", "statement-credit", "--key", "monday").split()[0]
    assert len(desk.spending("files").splitlines()) == 1, "it was there, and is not made again"
    gift = desk.spending("make", "gift").split()[0]
    assert [one["lines"] for one in desk.waits()] == [0, 0]
    assert "Nothing waits" in desk.spending("make", "statement-credit", "--key", "tuesday", refused=True)

    taken = [tmp_path / name for name in ("first.csv", "second.csv", "gift.csv", "values.csv")]
    for obj, out in zip((made, made, gift), taken, strict=False):
        desk.spending("file", obj, "--out", str(out), *WHY)
    first, second, given = (out.read_bytes() for out in taken[:3])
    assert first == second and her["account"].encode() in first and b",300,KRW," in first
    assert b"river-cleaning,200,KRW," in given and her["account"].encode() not in given
    year = first.decode().splitlines()[1].rpartition(",")[2][:4]
    desk.spending("values", year, "--out", str(taken[3]), *WHY)
    assert f"D,{her['account']},{her['member']},purchase,pt,9000," in taken[3].read_text()

    for obj in her["spent"]:
        assert desk.run(TAKES_BACK, obj), "what is on its way is not taken back, and no code"
    assert desk.verified() == ""
    desk.run(
        "from bankside.rewards.models import Line; Line.objects.filter(kind='gift').update(amount=2_000)"
    )
    assert f"lines of file {gift}" in desk.verified()
