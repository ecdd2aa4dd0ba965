"""Lives of a desk that end by SIGKILL at a chosen step, each followed by a life that goes on where it ended.

A process of its own (`python -m tests.flows.mortal PLAN`, with BANKSIDE_DATA being FOLDER/data) knows Django
and opens no database. PLAN is JSON: {"folder": ..., "journeys": ["post"], "every": 29, "weighty": 1}, and
maybe "database": "postgresql", "kills": "database" and "blind": true.
Every life is a fork of it on a fresh copy of the same desk: steps are counted, and at the chosen one the
process kills itself, or else the database server while the desk lives on. A step is what a power cut can
part: before and after each durable commit, each file that is published, each call of the network, and between
the taking in of something, by the network or by the database, and its answer.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.flows.kept import Kept
from tests.servers import postgresql

WRITES = ("insert", "update", "delete", "replace")
BEFORE_TABLE = {"into", "from", "or", "ignore", "fail"}
LABEL_CHARACTERS_MAX = 90
LOOK_SECONDS = 0.05
DATABASE = "lives"
WHERE = Path(os.environ.get("BANKSIDE_DATA", "")).parent / "where"


def kill_oneself() -> None:
    """The end of this process; nothing is done after it."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Death:
    """Counts steps and strikes at the `at`-th; 0 lives on. `labels` says what each step was.

    With `named` it strikes at the `at`-th step of that name: calls of a network and commits take turns as
    they come, so that the same step may have another number in another life.
    Where the database dies and not the desk (`spares_the_desk`), its answer to a commit can be lost, too.
    """

    at: int = 0
    named: str = ""
    strike: Callable[[], None] = kill_oneself
    spares_the_desk: bool = False
    labels: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)

    def step(self, label: str) -> bool:
        """Whether it struck here, and somebody is left to be told."""
        self.labels.append(label[:LABEL_CHARACTERS_MAX])
        now = self.labels[-1] == self.named if self.named else True
        if not now or self._met() != self.at:
            return False
        WHERE.write_text(label)
        self.strike()
        return True

    def _met(self) -> int:
        return self.labels.count(self.named) if self.named else len(self.labels)

    @contextmanager
    def around(self, label: str) -> Iterator[str]:
        self.step(f"before {label}")
        yield label
        self.step(f"after {label}")

    def what(self) -> str:
        """What the transaction holds: its facts, or else its tables; empty when it has only read."""
        held = ", ".join(self.facts) or ", ".join(sorted(self.tables))
        self.facts, self.tables = [], set()
        return held


def watch(death: Death) -> None:
    """Makes every step of this process one that `death` counts."""
    _watch_the_database(death)
    _watch_the_network(death)
    from bankside.record import append
    from bankside.record.fact import kind_of
    from bankside.record.log import tiles

    write, few, publish = append._write, append._write_few, tiles.Folder.write

    def writing(heads: Any, drafts: Any) -> Any:
        death.facts += [kind_of(draft.fact).name for draft in drafts]
        return write(heads, drafts)

    def writing_few(drafts: Any) -> Any:
        entries = few(drafts)
        death.facts += [kind_of(draft.fact).name for draft in drafts] if entries else []
        return entries

    def publishing(folder: tiles.Folder, path: str, data: bytes) -> None:
        with death.around(f"file {path}"):
            publish(folder, path, data)

    append._write, tiles.Folder.write = writing, publishing  # type: ignore[method-assign]
    append._write_few = writing_few


def _watch_the_database(death: Death) -> None:
    from django.db import OperationalError, connection

    commit = connection._commit

    def committing() -> Any:
        held = death.what()
        if not held:
            return commit()  # where nothing was written, nothing can be parted
        with death.around(f"commit of {held}") as what:
            done = commit()
            if death.spares_the_desk and death.step(f"not answered: {what}"):
                raise OperationalError("server closed the connection unexpectedly")
            return done

    def executing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.replace('"', "").lower().split()
        at = next((place for place, word in enumerate(words) if word in WRITES), None)
        if at is None or words[0] not in {*WRITES, "with"}:
            return execute(sql, params, many, context)
        table = next((word for word in words[at + 1 :] if word not in BEFORE_TABLE), "")
        if connection.in_atomic_block:
            death.tables.add(table)
            return execute(sql, params, many, context)
        with death.around(f"{words[at]} of {table}"):
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
def life(act: Callable[[], Any], meanwhile: Callable[[], Any] = lambda: None) -> tuple[int, Any]:
    """What the act gives in a fork of this process, and the signal that ended it (0: none).

    `meanwhile` is done in this process, again and again, for as long as the other lives.
    """
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
    while not select.select([reading], [], [], LOOK_SECONDS)[0]:
        meanwhile()
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(pid, 0)
    told = json.loads(said) if said else None
    if isinstance(told, dict) and "broken" in told:
        raise RuntimeError(told["broken"])
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, told


def chosen(steps: list[str], plan: dict[str, Any]) -> list[int]:
    """From 1: each `weighty`-th where something was just told or sent, and each `every`-th of the others."""
    told = [at for at, label in enumerate(steps, 1) if weighty(label)]
    others = [at for at in range(1, len(steps) + 1) if at not in set(told)]
    return sorted(some(told, plan["weighty"]) + some(others, plan["every"]))


def some(steps: list[int], every: int) -> list[int]:
    """The first of them and each `every`-th after it; none when that is 0."""
    return steps[::every] if every else []


def weighty(label: str) -> bool:
    """After the commit of a fact, and around the sending, which nobody can take back."""
    told = label.startswith(("after commit", "not answered")) and "." in label
    return told or label.startswith("taken") or "send" in label


def only_killed() -> None:
    """What a killed process wrote is with the system: syncing it would cost time and show nothing."""
    from django.db import connections

    options = connections.settings["default"]["OPTIONS"]
    if "init_command" in options:
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


def main(plan: dict[str, Any]) -> None:
    """The chosen steps of a journey, one line of JSON for each; the first line is the unharmed life."""
    wants_server = plan.get("database") == "postgresql"
    of_the_database = plan.get("kills") == "database"
    running = postgresql.running(durable=of_the_database) if wants_server else nullcontext()
    with running as server:
        if server:
            _go_to(server)
        Lives(plan, server, of_the_database).play()


def _go_to(server: postgresql.PostgreSQL) -> None:
    """Makes a database there that of this desk, which is asked for its address when Django is set up."""
    server.make(DATABASE)
    os.environ["BANKSIDE_DATABASE_URL"] = server.url(DATABASE)
    os.environ["BANKSIDE_MIGRATE_DATABASE_URL"] = server.url(DATABASE, postgresql.OWNER)


class Lives:
    """Every life of a plan, each on a fresh copy of the same desk."""

    def __init__(self, plan: dict[str, Any], server: postgresql.PostgreSQL | None, durable: bool) -> None:
        import django

        django.setup()
        if not durable:
            only_killed()
        from tests.flows import journeys

        if plan.get("blind"):
            resend_blindly()
        self._plan, self._journeys, self._server = plan, journeys, server
        self._data = Path(plan["folder"]) / "data"
        self._struck = self._at = 0
        self._named = ""

    def play(self) -> None:
        self._data.mkdir()
        empty = Kept("empty", self._data, self._server, DATABASE)
        life(self._journeys.migrated)
        empty.keep()
        for name in self._plan["journeys"]:
            empty.fresh()
            self._play(name)

    def _play(self, name: str) -> None:
        self._journey = self._journeys.JOURNEYS[name]
        begun = Kept(name, self._data, self._server, DATABASE)
        life(lambda: self._journeys.found(self._journey, self._data))
        begun.keep()
        _, whole = life(lambda: self._begun(strikes=False))
        say({"journey": name, **whole})
        for at in chosen(whole["steps"], self._plan):
            self._aim(whole["steps"], at)
            begun.fresh()
            say({"journey": name, "step": at, **self._cut_short(), "where": self._where()})

    def _where(self) -> str:
        return WHERE.read_text() if WHERE.exists() else "nowhere: the step never came"

    def _aim(self, steps: list[str], at: int) -> None:
        """A step that cannot be taken back is found by its name, any other by its number."""
        name = steps[at - 1]
        aimed = weighty(name)
        self._at = steps[:at].count(name) if aimed else at
        self._named = name if aimed else ""

    def _cut_short(self) -> dict[str, Any]:
        """What can be seen in the end: told by a second life, or by the one that outlived its database."""
        WHERE.unlink(missing_ok=True)
        if self._plan.get("kills") == "database":
            struck = self._struck
            _, after = life(partial(self._begun, strikes=True), self._start_again)
            return {**after, "killed": self._struck == struck + 1}
        ended, _ = life(partial(self._begun, strikes=True))
        _, after = life(self._going_on)
        return {**after, "killed": ended == signal.SIGKILL}

    def _begun(self, *, strikes: bool) -> Any:
        death = Death(self._at, self._named) if strikes else Death()
        if self._plan.get("kills") == "database":
            assert self._server is not None
            death.strike, death.spares_the_desk = self._server.kill, True
        watch(death)
        self._journeys.play(self._journey, self._data, patient=death.spares_the_desk)
        steps = len(death.labels)
        if strikes and not WHERE.exists() and death.spares_the_desk:  # fewer steps than the unharmed life
            death.at, death.named = steps + 1, ""
            death.step("after everything")
        told = self._journeys.until_answered(lambda: self._journeys.told(self._data))
        return {"steps": death.labels[:steps] if death.spares_the_desk else death.labels, **told}

    def _going_on(self) -> Any:
        watch(Death())
        self._journeys.play(self._journey, self._data, later=True)
        return self._journeys.told(self._data)

    def _start_again(self) -> None:
        assert self._server is not None
        self._struck += self._server.start_again_if_gone()


def say(told: dict[str, Any]) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
