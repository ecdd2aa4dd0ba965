"""A programme: one TOML text into frozen terms, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bankside.rewards.rules.act import Act
from bankside.rewards.rules.examples import examples
from bankside.rewards.rules.reading import read
from bankside.rewards.rules.terms import (
    Earn,
    Example,
    Finding,
    Offer,
    Programme,
    ProgrammeWrong,
    Tier,
    Trial,
)
from bankside.rewards.rules.trials import failures
from bankside.rewards.rules.worst import MEMBERS, Worst, worst

__all__ = [
    "Checked", "Earn", "Example", "Finding", "Offer", "Programme", "ProgrammeWrong", "Tier", "Trial", "Worst",
    "awards", "check", "load", "rules_for",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is to be said of a text: `programme` and `worst` are None when there are findings."""

    findings: tuple[Finding, ...]
    programme: Programme | None = None
    worst: Worst | None = None
    examples: tuple[Example, ...] = ()


def load(text: str) -> Programme:
    """The programme of a text that is right; ProgrammeWrong with all findings otherwise.

    A text that was approved is loaded again at every start, so its own tests are run again too.
    """
    programme, findings = _read(text)
    if programme is None:
        raise ProgrammeWrong(findings)
    return programme


def check(text: str, *, members: int = MEMBERS) -> Checked:
    """Everything that is wrong with a text, or what it means: worst case (for so many) and examples.

    Never raises.
    """
    programme, findings = _read(text)
    if programme is None:
        return Checked(findings=findings)
    return Checked(
        findings=(), programme=programme, worst=worst(programme, members), examples=examples(programme)
    )


def rules_for(programme: Programme) -> Mapping[tuple[str, str], tuple[Earn, ...]]:
    """(network, kind) -> the rules that look at such acts, in the order of the file; () for all others.

    Ask with `[network, kind]`, not with `get`: a pair is found when it is first asked for.
    """
    return programme.earning


def awards(programme: Programme, act: Act) -> tuple[tuple[Earn, int], ...]:
    """The rules that pay for an act and their points before caps, cool-downs, funds and disclosure.

    Nothing for an act whose evidence may not earn.
    """
    return programme.awards(act)


def _read(text: str) -> tuple[Programme | None, tuple[Finding, ...]]:
    programme, findings = read(text)
    if programme is not None:
        findings = failures(programme)
    return (None, findings) if findings else (programme, ())
