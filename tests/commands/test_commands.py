"""What holds for every command: help, misuse, refusal and its words."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from bankside.commands import parser
from tests.commands.ask import Ask


def every(one: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, groups included."""
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield (*words, name)
                yield from every(command, (*words, name))


COMMANDS = list(every(parser()))


def test_the_commands_are_those_that_the_design_names() -> None:
    named = {" ".join(words) for words in COMMANDS}
    assert named >= {
        "run", "web", "live", "work", "migrate", "demo", "staff add", "token create",
        "channel add", "channel list", "channel check", "channel pause", "channel resume", "channel remove",
        "freeze", "unfreeze", "log publish", "log checkpoint", "log prove", "log consistency",
        "verify", "rebuild", "mask", "triage", "bench",
    }  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help(ask: Ask, words: tuple[str, ...]) -> None:
    said = ask(*words, "--help")
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) > 3


@pytest.mark.parametrize(
    "words",
    [(), ("no-such-command",), ("staff",), ("staff", "add"), ("staff", "add", "a@b.example"),
     ("channel", "add", "x"), ("work", "--twice"), ("token", "create"),
     ("staff", "add", "a@b.example", "--role", "author", "--language", "xx")],
    ids=" ".join,
)  # fmt: skip
def test_misuse_is_2_with_the_usage_on_standard_error(ask: Ask, words: tuple[str, ...]) -> None:
    said = ask(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("usage: bankside")


def test_a_database_that_cannot_be_used_is_refused_with_what_to_do(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("no such table: record_head")

    monkeypatch.setattr("bankside.commands.log.ready", away)
    said = ask("log", "publish")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "bankside: the database cannot be used (no such table: record_head); "
        "on a new or upgraded desk run `bankside migrate`\n"
    )


def test_a_mistake_of_ours_is_not_called_a_refusal(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> None:
        raise AssertionError("ours")

    monkeypatch.setattr("bankside.commands.log.ready", wrong)
    with pytest.raises(AssertionError):
        ask("log", "publish")


def test_help_masking_and_verifying_a_folder_need_no_django() -> None:
    program = (
        "import sys, json; from bankside.commands import main\n"
        "try: main(['verify', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print(json.dumps([m for m in sys.modules if m == 'django']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "/nonexistent"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
