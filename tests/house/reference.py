"""Writes docs/reference from the code; `python -m tests.house.reference` writes all of it."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.house.tree import ROOT

FOLDER = ROOT / "docs/reference"
WRITTEN = "<!-- written by `python -m tests.house.reference`; a house test keeps it equal to the code -->"


def facts() -> str:
    """Every fact: its name, version, leaf type, sentence and fields."""
    from bankside.record import facts as all_facts
    from bankside.record.fact import KINDS

    all_facts.load()
    lines = [
        "# Facts",
        WRITTEN,
        "",
        "What the record can say, room by room. A fact never changes; a new version is added.",
        "",
    ]
    room = ""
    for (name, v), kind in sorted(KINDS.items()):
        if not kind.cls.__module__.startswith("bankside."):
            continue
        if name.split(".")[0] != room:
            room = name.split(".")[0]
            lines += [f"## {room}", ""]
        leaf = "" if kind.leaf == name else f", leaf type `{kind.leaf}`"
        lines += [f"### {name}", f"Version {v}{leaf}. {sentence(kind.cls)}", ""]
        lines += [f"- `{f.name}`: `{f.type}`" for f in dataclasses.fields(kind.cls)]
        lines.append("")
    return "\n".join(lines)


def sentence(thing: object) -> str:
    """A docstring in one line; empty when there is none of its own."""
    words = inspect.getdoc(thing) or ""
    if isinstance(thing, type) and words.startswith(f"{thing.__name__}("):
        return ""  # what dataclass writes by itself
    return " ".join(words.split())


def addresses() -> str:
    """Every address with the first sentence of what answers there."""
    lines = ["# Addresses", WRITTEN, "", "Addresses are nouns; the verb is in the request.", ""]
    lines += ["| address | name | what answers |", "|---|---|---|"]
    lines += [f"| `{address}` | {name} | {words} |" for address, name, words in sorted(views())]
    return "\n".join([*lines, ""])


def views() -> Iterator[tuple[str, str, str]]:
    """Address, name and first sentence of every view of ours, and the addresses that libraries bring."""
    from django.urls import get_resolver

    yield from _views(get_resolver().url_patterns, "/")


def _views(patterns: Any, before: str) -> Iterator[tuple[str, str, str]]:
    for one in patterns:
        address = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _views(one.url_patterns, address)
            continue
        view = one.callback
        ours = getattr(view, "__module__", "").startswith("bankside.")
        yield address, one.name or "", first_sentence(view) if ours else brought_by(view)


def brought_by(view: Callable[..., Any]) -> str:
    """Whose view it is, when it is not ours."""
    return f"({view.__module__.split('.')[0]})"


def first_sentence(thing: object) -> str:
    """The first sentence of a docstring."""
    return re.split(r"(?<=\.)\s", sentence(thing), maxsplit=1)[0].replace("|", "\\|")


def commands() -> str:
    """Every command with its flags."""
    from bankside.commands import parser

    lines = [
        "# Commands",
        WRITTEN,
        "",
        "`bin/bankside COMMAND`, or `bankside COMMAND` where it is installed.",
        "",
    ]
    for name, one in _commands(parser(), "bankside"):
        lines += [f"## {name}", "", "```text", _help(one), "```", ""]
    return "\n".join(lines)


def command_names() -> list[str]:
    """The words of every command, such as `bankside channel add`."""
    from bankside.commands import parser

    return [name for name, _ in _commands(parser(), "bankside")]


def _commands(one: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    groups = [a for a in one._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield name, one
    for action in groups:
        for word, inner in action.choices.items():
            yield from _commands(inner, f"{name} {word}")


def _help(one: argparse.ArgumentParser) -> str:
    """Its help, as wide as the page and the same on every machine."""
    os.environ["COLUMNS"] = "100"
    return one.format_help().strip()


PAGES = {"facts.md": facts, "addresses.md": addresses, "commands.md": commands}


def main() -> None:
    """Writes all pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bankside.settings")
    import django

    django.setup()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
