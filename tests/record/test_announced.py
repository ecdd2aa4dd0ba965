"""What rooms announce is brought when somebody asks, and every job has somebody who does it."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from bankside.record import announced, jobs, projection
from tests.house import tree


def modules_with_handlers() -> list[str]:
    """Modules of ours in which something is declared to do jobs."""
    return [
        ".".join(file.with_suffix("").parts)
        for file in tree.under("bankside", suffix=".py")
        if any(_declares(function) for function in tree.functions(tree.text(Path(file))))
    ]


def _declares(function: tree.Function) -> bool:
    return any(ast.unparse(mark).startswith("jobs.handler(") for mark in function.decorator_list)


def test_there_are_such_modules() -> None:
    assert "bankside.channels.attempt" in modules_with_handlers()


@pytest.mark.parametrize("module", modules_with_handlers())
def test_the_worker_knows_who_does_a_job(module: str) -> None:
    import_module(module)
    kinds = [kind for kind, handler in jobs._handlers.items() if handler.__module__ == module]
    assert kinds
    assert [kind for kind in kinds if jobs._done_in.get(kind) != module] == []


def test_no_module_is_named_that_does_not_do_it() -> None:
    for kind, module in jobs._done_in.items():
        import_module(module)
        assert jobs._handlers[kind].__module__ == module


def test_followers_are_there_when_they_are_asked_for() -> None:
    """In their order; other tests have followers of their own between them."""
    ours = [
        "inbox.conversations", "measures.counts", "people.readings", "publish.posts", "rewards.earning",
        "inbox.triage",
    ]  # fmt: skip
    names = [follower.name for follower in projection.followers()]
    assert [name for name in names if not name.startswith(("tally.", "test."))] == ours


def test_what_is_announced_is_brought_once(monkeypatch: pytest.MonkeyPatch) -> None:
    brought: list[str] = []
    monkeypatch.setattr(announced, "_announced", [])
    announced.later(lambda: brought.append("a room"))
    assert brought == []
    announced.bring()
    announced.bring()
    assert brought == ["a room"]


def test_what_could_not_be_brought_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def fails_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the disk was busy")

    monkeypatch.setattr(announced, "_announced", [])
    announced.later(fails_once)
    with pytest.raises(OSError, match="busy"):
        announced.bring()
    announced.bring()
    announced.bring()
    assert len(tries) == 2
