"""`bankside programme acts`: the desk's own past as files, from which DuckDB and Spark compute what the desk
does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet
import pytest

from bankside.commands import CommandRefused
from bankside.record.append import entries_where
from bankside.record.projection import facts_of
from bankside.record.reasons import ReasonMissing
from bankside.rewards import acts_folder, acts_written, dry_run, fraud, past, rehearsal
from bankside.rewards.acts_folder import ACTS, MANIFEST, USED
from bankside.rewards.rules.programme import check, load
from tests.commands import ask
from tests.rewards import lived, living
from tests.rewards.lived import Step, Weeks

pytestmark = [
    pytest.mark.django_db,
    # ibis 12 asks DuckDB 2 by an older name.
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
]
THERE = {"pyspark": find_spec("pyspark"), "java": shutil.which("java")}
MISSING = ", ".join(f"{name} is not installed" for name, there in THERE.items() if not there)
WHY = "a dry run on a machine apart"


@pytest.fixture
def weeks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Weeks]:
    """Some weeks of two members with everything in them; the clock stands at their end."""
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)
    made = Weeks()
    made.live(
        Step(act, 1 + 7 * number % 60, number // 3 % 2, number % 4)
        for number, act in enumerate(
            ["reply", "ad", "buy", "feedback", "no-ad", "reply", "disclose", "buy", "refund", "poll"] * 6
        )
    )
    (tmp_path / "live.toml").write_text(made.row.text, "utf-8")
    (tmp_path / "draft.toml").write_text(_draft(made.row.text), "utf-8")
    with made.now():
        yield made


def _draft(text: str) -> str:
    changed = text.replace('points = "min(20, 5 + 2 * depth)"', 'points = "min(30, 8 + 3 * depth)"')
    return changed.replace("points = 150, times = 3", "points = 60, times = 2")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    capsys.readouterr()
    assert ask.programme(*words, "--json") is None
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("days", [pytest.param(30, marks=pytest.mark.more), 5])
def test_a_dry_run_of_the_files_is_that_of_the_desk(
    weeks: Weeks,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    days: int,
) -> None:
    monkeypatch.setattr(past, "ENTRIES", 17)  # many pieces, and the same
    draft, live = str(tmp_path / "draft.toml"), str(tmp_path / "live.toml")
    for name, file in (("as-draft", draft), ("as-live", live)):
        words = ("--days", str(days), "--reason", WHY)
        assert ask.programme("acts", "--for", file, "--out", str(tmp_path / name), *words) is None
    there = ("--activities", str(tmp_path / "as-draft"), "--against", live)
    found = told(capsys, "dry-run", draft, *there, "--against-activities", str(tmp_path / "as-live"))
    text = (tmp_path / "draft.toml").read_text("utf-8")
    desk = rehearsal.of_text(living.author(), check(text), days=days)
    assert desk is not None and desk.left_out == 0 and desk.winners and desk.taken_back
    assert found["rules"] == [
        {name: getattr(rule, name) for name in rule.__dataclass_fields__} for rule in desk.rules
    ]
    names = (
        "activities",
        "points",
        "taken_back",
        "awards",
        "paid_members",
        "winners",
        "losers",
        "same",
        "days",
    )
    assert {name: found[name] for name in names} == {name: getattr(desk, name) for name in names}


def test_what_is_in_force_tried_on_its_own_files_gives_what_the_ledger_paid(
    weeks: Weeks, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "acts")
    assert ask.programme("acts", "--out", out, "--reason", WHY) is None
    assert "30 days to " in capsys.readouterr().out
    found = told(capsys, "dry-run", str(tmp_path / "live.toml"), "--activities", out)
    paid = lived.paid()
    assert found["points"] == sum(points for points, _, _ in paid.values())
    assert found["taken_back"] == sum(back for _, back, _ in paid.values())


def test_nothing_but_numbers_is_in_the_files_and_the_record_knows(weeks: Weeks, tmp_path: Path) -> None:
    out = tmp_path / "acts"
    assert ask.programme("acts", "--out", str(out), "--reason", WHY) is None
    assert sorted(file.name for file in out.iterdir()) == sorted([ACTS, USED, MANIFEST])
    table = pyarrow.parquet.read_table(out / ACTS)
    words = {name for name in table.column_names if str(table.schema.field(name).type) == "string"}
    assert words == {"kind", "network", "lang", "campaign", "evidence", "disclosures"}
    assert set(table["kind"].to_pylist()) == {"reply", "post", "feedback", "poll", "purchase", "link"}
    assert set(table["disclosures"].to_pylist()) == {"", "|festival-post|"}
    [entry] = entries_where("fact = %s", ["people.data-exported"])
    fact = facts_of([entry])[entry.n]
    assert (fact.what, fact.reason, fact.rows) == ("member-acts", WHY, table.num_rows)
    made = acts_folder.manifest_of(out)
    assert made is not None and made.programme == weeks.row.sha256
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".acts")]


def test_what_cannot_be_written_leaves_nothing(weeks: Weeks, tmp_path: Path) -> None:
    out = tmp_path / "acts"
    with pytest.raises(ReasonMissing):
        ask.programme("acts", "--out", str(out), "--reason", "x")
    assert not out.exists() and entries_where("fact = %s", ["people.data-exported"]) == []
    with pytest.raises(CommandRefused, match="--days"):
        ask.programme("acts", "--out", str(out), "--reason", WHY, "--days", "0")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    with pytest.raises(acts_written.FolderTaken):
        ask.programme("acts", "--out", str(tmp_path / "full"), "--reason", WHY)


def test_files_that_were_changed_or_are_of_other_days_are_refused(
    weeks: Weeks, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, live = tmp_path / "acts", str(tmp_path / "live.toml")
    assert ask.programme("acts", "--out", str(out), "--reason", WHY) is None
    with pytest.raises(CommandRefused, match="other days"):
        ask.programme("dry-run", live, "--activities", str(out), "--days", "7")
    assert ask.programme("dry-run", str(tmp_path / "draft.toml"), "--activities", str(out)) is None
    assert "written for another text" in capsys.readouterr().err
    with (out / ACTS).open("r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(dry_run.NoActivities, match="not those of its manifest"):
        ask.programme("dry-run", live, "--activities", str(out))


@pytest.mark.long
@pytest.mark.network
@pytest.mark.timeout(900)
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.filterwarnings("ignore")
def test_spark_gives_the_same_from_the_same_files(weeks: Weeks, tmp_path: Path) -> None:
    out = tmp_path / "acts"
    assert ask.programme("acts", "--out", str(out), "--reason", WHY, "--days", "12") is None
    live, draft = (load((tmp_path / name).read_text("utf-8")) for name in ("live.toml", "draft.toml"))
    outcomes = []
    for name in ("duckdb", "spark"):
        with dry_run.engine(name) as there:  # type: ignore[arg-type]
            outcomes.append(dry_run.run(live, dry_run.read(there, out), live=draft))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].points > 0 and outcomes[0].taken_back > 0
