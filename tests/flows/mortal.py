"""Lives of a desk that end by SIGKILL at a chosen step, each followed by a life that goes on where it ended.

A process of its own (`python -m tests.flows.mortal FOLDER JOURNEY EVERY [blind]`, with BANKSIDE_DATA being
FOLDER/data) knows Django and opens no database.
Every life is a fork of it on a fresh copy of the same desk: steps are counted, and at the chosen one the
process kills itself. A step is what a power cut can part: before and after each durable commit, each file
that is published, each call of the network, and between the network's taking something in and its answer.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

WRITES = ("insert", "update", "delete", "replace")
LABEL_CHARACTERS_MAX = 90
WHERE = Path(os.environ.get("BANKSIDE_DATA", "")).parent / "where"


@dataclass
class Death:
    """Counts steps and ends the process at the `at`-th; 0 lives on. `labels` says what each step was."""

    at: int = 0
    labels: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)

    def step(self, label: str) -> None:
        self.labels.append(label[:LABEL_CHARACTERS_MAX])
        if len(self.labels) == self.at:
            WHERE.write_text(label)
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def around(self, label: str) -> Any:
        self.step(f"before {label}")
        yield
        self.step(f"after {label}")

    def what(self) -> str:
        """What the transaction holds: its facts, or else its tables."""
        held = ", ".join(self.facts) or ", ".join(sorted(self.tables)) or "nothing"
        self.facts, self.tables = [], set()
        return held


def watch(death: Death) -> None:
    """Makes every step of this process one that `death` counts."""
    _watch_the_database(death)
    _watch_the_network(death)
    from bankside.record import append, tiles
    from bankside.record.fact import kind_of

    write, publish = append._write, tiles.Folder.write

    def writing(heads: Any, drafts: Any) -> Any:
        death.facts += [kind_of(draft.fact).name for draft in drafts]
        return write(heads, drafts)

    def publishing(folder: tiles.Folder, path: str, data: bytes) -> None:
        with death.around(f"file {path}"):
            publish(folder, path, data)

    append._write, tiles.Folder.write = writing, publishing  # type: ignore[method-assign]


def _watch_the_database(death: Death) -> None:
    from django.db import connection

    commit = connection._commit

    def committing() -> Any:
        with death.around(f"commit of {death.what()}"):
            return commit()

    def executing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.replace('"', "").lower().split()
        if not words or words[0] not in WRITES:
            return execute(sql, params, many, context)
        table = next((word for word in words[1:] if word not in {"into", "from", "or", "ignore"}), "")
        if connection.in_atomic_block:
            death.tables.add(table)
            return execute(sql, params, many, context)
        with death.around(f"{words[0]} of {table}"):
            return execute(sql, params, many, context)

    connection._commit = committing
    connection.ensure_connection()
    connection.execute_wrappers.append(executing)


def _watch_the_network(death: Death) -> None:
    """The practice network, without its memory of keys: what is sent twice is there twice."""
    from bankside.networks import practice

    find, poll = practice.Practice.find, practice.Practice.poll

    def sending(self: practice.Practice, post: Any, key: str) -> Any:
        death.step("before send")
        with self._server.open("send") as state:
            receipt = practice._send(state, post, key, self._server.handle)
        death.step("taken by the network, not answered")
        return receipt

    def finding(self: practice.Practice, key: str, post: Any) -> Any:
        with death.around("find"):
            return find(self, key, post)

    def polling(self: practice.Practice, cursor: str, since_ms: int) -> Any:
        with death.around("poll"):
            return poll(self, cursor, since_ms)

    for name, call in {"send": sending, "find": finding, "poll": polling}.items():
        setattr(practice.Practice, name, call)


# --- lives ---------------------------------------------------------------------------------------------
def life(act: Callable[[], Any]) -> tuple[int, Any]:
    """What the act gives in a fork of this process, and the signal that ended it (0: none)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            said = json.dumps(act())
        except BaseException:
            said = json.dumps({"broken": traceback.format_exc()})
        with os.fdopen(writing, "w") as out:
            out.write(said)
        os._exit(0)  # nothing is closed in good order
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(pid, 0)
    told = json.loads(said) if said else None
    if isinstance(told, dict) and "broken" in told:
        raise RuntimeError(told["broken"])
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, told


def chosen(steps: list[str], every: int) -> list[int]:
    """From 1: where something was just told or sent, and every `every`-th of the others (0: none of them)."""
    return [at for at, label in enumerate(steps, 1) if weighty(label) or (every and (at - 1) % every == 0)]


def weighty(label: str) -> bool:
    """After the commit of a fact, and around the sending, which nobody can take back."""
    return (label.startswith("after commit") and "." in label) or label.startswith("taken") or "send" in label


def only_killed() -> None:
    """What a killed process wrote is with the system: syncing it would cost time and show nothing."""
    from django.db import connections

    options = connections.settings["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=full", "synchronous=off")
    os.fsync = lambda descriptor: None


def resend_blindly() -> None:
    """Breaks the desk on purpose: what was being sent when it died is sent again without a look."""
    from bankside.channels import attempt
    from bankside.channels.models import Delivery
    from bankside.record import clock

    def again(row: Delivery) -> int:
        Delivery.objects.filter(pk=row.pk).update(state="waiting")
        return clock.now_ms()

    attempt._doubt_after_a_death = again


def main(folder: Path, name: str, every: int, *, blind: bool) -> None:
    """The chosen steps of a journey, one line of JSON for each; the first line is the unharmed life."""
    import django

    django.setup()
    only_killed()
    from tests.flows import journeys

    if blind:
        resend_blindly()
    data, kept = folder / "data", folder / "kept"
    data.mkdir()
    journey = journeys.JOURNEYS[name]

    def begun(at: int) -> Any:
        death = Death(at)
        watch(death)
        journeys.play(journey, data)
        return {"steps": death.labels, **journeys.told(data)}

    def going_on() -> Any:
        watch(Death())
        journeys.play(journey, data, later=True)
        return journeys.told(data)

    life(lambda: journeys.found(journey, data))
    shutil.copytree(data, kept)
    _, whole = life(lambda: begun(0))
    say(whole)
    for at in chosen(whole["steps"], every):
        shutil.rmtree(data)
        shutil.copytree(kept, data)
        ended, _ = life(partial(begun, at))
        _, after = life(going_on)
        say({"step": at, "where": WHERE.read_text(), "killed": ended == signal.SIGKILL, **after})


def say(told: dict[str, Any]) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), blind="blind" in sys.argv[4:])
