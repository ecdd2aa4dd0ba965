"""Proofs for others, made and checked by commands; what an auditor uses needs no desk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bankside.record import published, seal
from bankside.record.log.trust import parse_trust
from bankside.record.models import Entry
from tests.commands.ask import Ask
from tests.record.tally import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def trust(ask: Ask, folder: Path) -> str:
    """A published log of 300 entries, and the file with its keys that an auditor was given."""
    say(*(f"말 {number}" for number in range(300)))
    seal.seal_all()
    file = folder / "given"
    file.write_text(ask("log", "keys").out)
    return str(file)


def the_log(folder: Path) -> Path:
    [checkpoint] = folder.glob("log/0/*/checkpoint")
    return checkpoint.parent


def test_an_entry_is_proved_by_number_id_or_index_and_checked(ask: Ask, folder: Path, trust: str) -> None:
    row = Entry.objects.get(seq=17)
    proof, leaf = str(folder / "a.tlog-proof"), str(folder / "leaf")
    said = ask("log", "prove", str(row.n), "--out", proof, "--leaf", leaf)
    assert (said.code, said.out) == (0, "")
    assert Path(leaf).read_bytes() == bytes(row.leaf)
    for words in ([row.rid], ["17", "--folder", str(the_log(folder))]):
        assert ask("log", "prove", *words).out == Path(proof).read_text()
    told = ask("log", "prove", row.rid, "--json").json
    assert (told["index"], told["size"], told["proof"]) == (17, 300, Path(proof).read_text())
    said = ask("log", "check", proof, "--leaf", leaf, "--trust", trust)
    assert (said.code, said.out) == (0, f"the entry is in the log: {told['origin']} 300\n")
    Path(leaf).write_bytes(bytes(row.leaf).replace(b"s:test", b"s:tesu"))
    said = ask("log", "check", proof, "--leaf", leaf, "--trust", trust)
    assert (said.code, said.out) == (1, "")
    assert "the path does not lead from the leaf to the root" in said.err


def test_growth_is_proved_from_a_head_that_was_kept(ask: Ask, folder: Path, trust: str) -> None:
    kept, proof = folder / "kept", folder / "growth"
    kept.write_bytes((the_log(folder) / "checkpoint").read_bytes())
    say("one", "more")
    seal.seal_all()
    proof.write_text(ask("log", "consistency", "300").out)
    said = ask("log", "check", str(proof), "--old", str(kept), "--trust", trust, "--json")
    assert (said.json["what"], said.json["size"], len(said.json["signed"])) == ("the log only grew", 302, 1)
    assert ask("log", "consistency", "300", "302", "--folder", str(the_log(folder))).out == proof.read_text()
    assert ask("log", "consistency", "5", "299", "--json").json["new"] == 299
    other = folder / "other"
    other.write_bytes((the_log(folder) / "checkpoint").read_bytes())
    assert "not from the head that you kept" in ask(
        "log", "check", str(proof), "--old", str(other), "--trust", trust
    ).err  # fmt: skip


def test_a_head_is_checked_with_a_key_and_refused_with_another(ask: Ask, folder: Path, trust: str) -> None:
    checkpoint = str(the_log(folder) / "checkpoint")
    key, next_year = [one["vkey"] for one in ask("log", "keys", "--json").json]
    assert ask("log", "check", checkpoint, "--key", key).out.startswith("the head is signed: ")
    said = ask("log", "check", checkpoint, "--key", next_year)
    assert (said.code, "no key that you trust has signed" in said.err) == (1, True)


def test_the_keys_of_years_to_come_are_known_ahead(ask: Ask, folder: Path, trust: str) -> None:
    given = parse_trust(Path(trust).read_bytes())
    assert given.logs == published.log_trust(years_ahead=1).logs
    names = [int(key.name.rpartition("/")[2]) for key in given.logs]
    assert names == [names[0], names[0] + 1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("prove", "999999999"), "has no entry 999999999"),
        (("prove", "0" * 32), "has no entry 000"),
        (("prove", "x; drop"), "has no entry 0"),
        (("prove", "x", "--folder", "."), "by its index"),
        (("prove", "3", "--folder", "/nonexistent"), "no log is published"),
        (("consistency", "9999"), "9999 to 300 is no part of its growth"),
        (("consistency", "1", "--lane", "77"), "lane 77 has no log"),
        (("check", "{given}"), "say whom you trust"),
        (("check", "{given}", "--trust", "{given}"), "the note has no signatures"),
        (("check", "{given}", "--trust", "{given}", "--key", "x"), "not both"),
        (("check", "{given}", "--key", "x"), "is not the key"),
        (("check", "{given}", "--trust", "/nonexistent"), "No such file"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    ask: Ask, trust: str, words: tuple[str, ...], why: str
) -> None:
    said = ask("log", *(word.format(given=trust) for word in words))
    assert (said.code, said.out) == (1, "")
    assert why in said.err


def test_an_entry_that_is_not_published_yet_is_said(ask: Ask, folder: Path, trust: str) -> None:
    say("later")
    said = ask("log", "prove", str(Entry.objects.latest("n").n))
    assert "the published log has 300 entries: none has the index 300" in said.err


def test_a_folder_is_verified_with_given_keys_with_those_beside_it_or_with_none(
    ask: Ask, folder: Path, trust: str
) -> None:
    logs = folder / "log"
    assert ask("verify", str(logs), "--trust", trust).out == "300 entries, 0 problems\n"
    assert f"The keys came from {logs / 'trust'}: compare" in ask("verify", str(logs)).out
    assert f"The keys came from {logs / 'trust'}: compare" in ask("verify", str(the_log(folder))).out
    (logs / "trust").unlink()
    assert "who signed the heads was not looked at" in ask("verify", str(logs)).out
    [_, other] = [one["vkey"] for one in ask("log", "keys", "--json").json]
    said = ask("verify", str(logs), "--key", other)
    assert said.code == 1
    assert "checkpoint: is not signed with a trusted key of" in said.out


def test_an_auditor_needs_no_desk(folder: Path, ask: Ask, trust: str) -> None:
    ask(
        "log",
        "prove",
        str(Entry.objects.earliest("n").n),
        "--out",
        str(folder / "p"),
        "--leaf",
        str(folder / "l"),
    )
    log = str(the_log(folder))
    commands = [
        ["verify", log, "--trust", trust],
        ["log", "check", str(folder / "p"), "--leaf", str(folder / "l"), "--trust", trust],
        ["log", "prove", "3", "--folder", log, "--out", str(folder / "q")],
        ["log", "consistency", "3", "--folder", log, "--out", str(folder / "r")],
    ]
    program = (
        "import sys, json; from bankside.commands import main\n"
        "codes = [main(words) for words in json.loads(sys.argv[1])]\n"
        "print(json.dumps([codes, [m for m in sys.modules if m == 'django' or m == 'sqlite3']]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(commands)], capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1]) == [[0, 0, 0, 0], []]
