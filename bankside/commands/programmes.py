"""Programmes of the social card: checking one, and trying it on what members have done."""

from __future__ import annotations

import argparse
import datetime
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bankside.commands import REFUSED, CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

if TYPE_CHECKING:
    from bankside.rewards.acts_folder import Manifest
    from bankside.rewards.dry_run import Outcome, Past, RuleOutcome
    from bankside.rewards.rules.programme import Checked, Programme

MEMBERS_DEFAULT, MEMBERS_MAX = 1_000_000, 10**9
DAYS, DAYS_MAX = 30, 366


def declare(commands: Commands) -> None:
    """programme check, acts, dry-run."""
    programme = group(commands, "programme", "Programmes of the social card.")
    file = flag("file", metavar="FILE", help="a programme, TOML")
    members = flag(
        "--members", type=int, default=MEMBERS_DEFAULT, metavar="N", help="for the worst case of all"
    )
    add(programme, "check", check, file, members, AS_JSON)
    past = flag(
        "--activities", required=True, metavar="PATH", help="Parquet or CSV: a file, or a folder of them"
    )
    days = flag(
        "--days", type=int, metavar="N",
        help="the last so many days that are there (default: 30, or those of the folder's manifest)",
    )  # fmt: skip
    against = flag(
        "--against", default="", metavar="FILE", help="the programme in force: who wins, who loses"
    )
    against_past = flag(
        "--against-activities", default="", metavar="PATH",
        help="the same acts, written for the programme in force (default: those of --activities)",
    )  # fmt: skip
    engine = flag(
        "--engine", choices=("duckdb", "spark"), default="duckdb", help="spark: for large histories"
    )
    add(programme, "dry-run", dry_run, file, past, days, against, against_past, engine, AS_JSON)
    add(
        programme, "acts", acts,
        flag("--out", required=True, metavar="FOLDER", help="a folder that is new or empty"),
        flag("--days", type=int, default=DAYS, metavar="N", help="the last so many days (default: 30)"),
        flag("--for", dest="file", default="", metavar="FILE",
             help="the programme that is to be tried on them (default: the one in force)"),
        flag("--reason", required=True, metavar="TEXT", help="what it is for; it goes into the record"),
        AS_JSON,
    )  # fmt: skip


def check(parsed: argparse.Namespace) -> int | None:
    """Says everything that is wrong with a programme, or what it means and what it can cost at most.

    Exit 1 when something is wrong; each line is then FILE:LINE:COLUMN: message. Needs no database.
    """
    from bankside.rewards.rules.programme import check as checking

    if not 0 < parsed.members <= MEMBERS_MAX:
        raise CommandRefused(f"--members is from 1 to {MEMBERS_MAX}")
    checked = checking(_text(parsed.file), members=parsed.members)
    if parsed.json:
        say(parsed, _checked(checked))
    elif checked.programme is None:
        _complain(parsed.file, checked)
    else:
        print("\n".join(_meaning(checked)))
    return REFUSED if checked.findings else None


def dry_run(parsed: argparse.Namespace) -> int | None:
    """Tries a programme on past activities: what it would have paid, to whom, and what it would have cost.

    Exit 1 when the programme is wrong. Needs no database; nothing is posted.
    """
    from bankside.rewards import dry_run as trying

    if parsed.days is not None and not 0 < parsed.days <= DAYS_MAX:
        raise CommandRefused(f"--days is from 1 to {DAYS_MAX}")
    programme = _programme(parsed.file)
    live = _programme(parsed.against) if parsed.against else None
    if programme is None or (parsed.against and live is None):
        return REFUSED
    with trying.engine(parsed.engine) as there:
        past = _past(there, parsed.activities, programme, parsed.days)
        other = parsed.against_activities
        live_past = _past(there, other, live, parsed.days) if live and other else None
        days = parsed.days or DAYS
        outcome = trying.run(programme, past, days=days, live=live, live_past=live_past)
    say(parsed, asdict(outcome), lambda _: "\n".join(_outcome(outcome, programme)))
    return None


def acts(parsed: argparse.Namespace) -> int | None:
    """Writes what members did in the last days as Parquet, for dry runs on DuckDB or Spark: no words, no
    names.

    Acts are written as one programme sees them: its campaigns, disclosures, tiers and days. Card payments are
    among them. The folder has a manifest with the digests of its files. Exit 1 when the programme is wrong.
    """
    ready()
    from bankside.rewards import acts_written

    if not 0 < parsed.days <= DAYS_MAX:
        raise CommandRefused(f"--days is from 1 to {DAYS_MAX}")
    programme = _programme(parsed.file) if parsed.file else _in_force()
    if programme is None:
        return REFUSED
    made = acts_written.write(programme, Path(parsed.out), days=parsed.days, reason=parsed.reason)
    say(parsed, msgspec.to_builtins(made), lambda _: "\n".join(_written(made, parsed.out)))
    return None


def _in_force() -> Programme:
    """The only one that is in force."""
    from bankside.rewards import programme

    live = programme.live()
    if len(live) != 1:
        raise CommandRefused(f"{len(live)} programmes are in force; say which one with --for FILE")
    return live[0].programme


def _past(there: Any, path: str, programme: Programme, days: int | None) -> Past:
    """What members did, from files; of a folder with a manifest all of its days."""
    from bankside.rewards import dry_run as trying

    past = trying.read(there, Path(path))
    if past.days is not None and days not in {None, past.days[1] - past.days[0] + 1}:
        raise CommandRefused(f"{path} has other days; write it again with `programme acts --days {days}`")
    if past.sha256 not in {"", programme.sha256}:
        print(
            f"{path} was written for another text: campaigns, disclosures, tiers and what was used before are"
            " as that one sees them.",
            file=sys.stderr,
        )
    return past


def _written(made: Manifest, folder: str) -> list[str]:
    lines = [f"{one.sha256}  {folder}/{one.name}: {one.rows:,} rows" for one in made.files]
    days = made.last_day - made.first_day + 1
    return [f"{days} days to {_date(made.last_day)}, for {made.programme}", *lines]


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandRefused(f"{file}: this is not UTF-8") from None


def _programme(file: str) -> Programme | None:
    from bankside.rewards.rules.programme import check as checking

    checked = checking(_text(file))
    _complain(file, checked)
    return checked.programme


def _complain(file: str, checked: Checked) -> None:
    for found in checked.findings:
        words = f"{found.message} {found.hint}".rstrip()
        print(f"{file}:{found.line}:{found.column}: {words}", file=sys.stderr)


def _checked(checked: Checked) -> dict[str, Any]:
    """What a check found, for programs."""
    from bankside.rewards.rules.plain import preview

    worst, programme = checked.worst, checked.programme
    if programme is None or worst is None:
        return {"findings": [asdict(found) for found in checked.findings]}
    return {
        "findings": [],
        "id": programme.id,
        "sha256": programme.sha256,
        "worst": worst.as_dict(),
        "examples": [{**asdict(example), "given": dict(example.given)} for example in checked.examples],
        "preview": [asdict(told) for told in preview(programme)],
    }


def _meaning(checked: Checked) -> list[str]:
    """The plain sentences of a programme, its examples and its worst case."""
    from bankside.rewards.rules.plain import costs, preview

    programme, worst = checked.programme, checked.worst
    if programme is None or worst is None:
        return []
    lines = [f"{programme.id} {programme.sha256}"]
    for told in preview(programme):
        lines += ["", f"{told.kind} {told.id}", *(f"  {sentence}" for sentence in told.sentences)]
        for example in checked.examples:
            if told.kind == "earn" and example.rule == told.id:
                lines.append(f"  {example.points}: {_given(example.given)}")
    return [
        *lines,
        "",
        *costs(worst, worst.members, programme.currency),
        f"{len(programme.tests)} tests passed.",
    ]


def _given(given: Any) -> str:
    shown = {key: str(value).lower() if type(value) is bool else value for key, value in given.items()}
    return ", ".join(f"{key} = {value}" for key, value in shown.items())


def _outcome(outcome: Outcome, programme: Programme) -> list[str]:
    lines = [
        f"{outcome.activities:,} activities of {outcome.members:,} members "
        f"in {outcome.days} days to {_date(outcome.last_day)}",
        f"{outcome.points:,} {programme.unit} = {outcome.money:,} {programme.currency}; "
        f"{outcome.awards:,} awards to {outcome.paid_members:,} members",
        f"the top 1% get {outcome.top_share / 100:.2f}% of the points",
    ]
    if outcome.live_points is not None:
        lines.append(
            f"against the programme in force ({outcome.live_points:,}): {outcome.winners:,} get more, "
            f"{outcome.losers:,} get less, {outcome.same:,} the same"
        )
    return [*lines, *(_rule(rule, programme.unit) for rule in outcome.rules)]


def _rule(rule: RuleOutcome, unit: str) -> str:
    words = f"  {rule.rule}: {rule.points:,} {unit} in {rule.awards:,} awards to {rule.members:,} members"
    words += f"; {rule.cut:,} cut by caps"
    words += f"; {rule.taken_back:,} taken back" if rule.taken_back else ""
    return (
        words if rule.fund_gone_day is None else f"{words}; its fund ran out on {_date(rule.fund_gone_day)}"
    )


def _date(day: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()
