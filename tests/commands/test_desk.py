"""The desk as a whole, in processes of its own, on an empty folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import founded
from tests.flows.desk import on_the_database
from tests.servers.program import free_port

pytestmark = [pytest.mark.network, pytest.mark.desk]
SECONDS_MAX = 60
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Desk:
    """A data folder and the commands on it."""

    def __init__(self, folder: Path) -> None:
        kept = {k: v for k, v in on_the_database(folder).items() if not k.startswith("DJANGO_")}
        self.environment = kept | {"BANKSIDE_PORT": str(free_port(2))}

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bankside", *words],
            env=self.environment, capture_output=True, text=True, timeout=SECONDS_MAX,
        )  # fmt: skip

    def json(self, *words: str) -> Any:
        done = self(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """`bankside run` in a process group of its own; nothing of it is left at the end."""
        command = [sys.executable, "-m", "bankside", "run"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        run = subprocess.Popen(command, env=self.environment, start_new_session=True, **pipes)  # type: ignore[call-overload]
        try:
            yield run
        finally:
            if group_of(run.pid):
                os.killpg(run.pid, signal.SIGKILL)
            run.communicate(timeout=SECONDS_MAX)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A founded, empty desk."""
    made = Desk(tmp_path_factory.mktemp("desk"))
    founded.lay(made.environment)
    return made


def test_before_the_tables_are_made_commands_say_what_to_do(tmp_path: Path) -> None:
    done = Desk(tmp_path / "new")("channel", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert "bankside migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_migrating_twice_keeps_the_keys(desk: Desk) -> None:
    keys = Path(desk.environment["BANKSIDE_DATA"]) / "keys"
    before = {file.name: (file.read_bytes(), file.stat().st_mode & 0o777) for file in keys.iterdir()}
    assert before["kek"][1] == 0o400
    assert desk("migrate").returncode == 0
    assert (
        before.items() <= {f.name: (f.read_bytes(), f.stat().st_mode & 0o777) for f in keys.iterdir()}.items()
    )


def test_the_desk_is_on_the_database_of_this_run(desk: Desk) -> None:
    there = (Path(desk.environment["BANKSIDE_DATA"]) / "bankside.db").exists()
    assert there == ("BANKSIDE_DATABASE_URL" not in desk.environment)


def test_work_once_ends_when_nothing_is_due_and_publishes(desk: Desk) -> None:
    desk.json("freeze")
    assert desk("work", "--once").returncode == 0
    heads = desk.json("log", "checkpoint")
    assert [head["size"] for head in heads] == [head["entries"] for head in heads]
    assert sum(head["size"] for head in heads) > 0
    desk.json("unfreeze")


@pytest.mark.more
def test_the_invented_bank_is_made_once(tmp_path: Path) -> None:
    bank = Desk(tmp_path)
    founded.lay(bank.environment)
    made = bank.json("demo")
    roles = {one["role"] for one in made["sign_ins"]}
    assert roles == {
        "author", "approver", "responder", "reviewer", "compliance", "records-officer", "key-custodian",
        "auditor", "administrator",
    }  # fmt: skip
    channels = bank.json("channel", "list")
    assert len(channels) == 4
    assert bank.json("demo") == made
    assert bank.json("channel", "list") == channels
    verified = bank("verify")
    assert verified.returncode == 0, verified.stdout


def test_the_desk_runs_takes_another_port_and_stops_as_a_whole(desk: Desk) -> None:
    wished = int(desk.environment["BANKSIDE_PORT"])
    with socket.create_server(("127.0.0.1", wished)), desk.running() as run:
        address = announced(run)
        assert not address.endswith(f":{wished}")
        assert becomes_well(f"{address}/health")
        assert len(group_of(run.pid)) >= 4
        run.send_signal(signal.SIGTERM)
        assert run.wait(SECONDS_MAX) == 0
        assert nothing_is_left_of(run.pid)


@pytest.mark.more
@pytest.mark.parametrize("part", ["bankside work", "wsgi:application", "live:application"])
def test_when_one_part_dies_all_stop_and_it_is_said(desk: Desk, part: str) -> None:
    with desk.running() as run:
        announced(run)
        victim = started_by(run.pid, part)
        os.kill(victim, signal.SIGKILL)
        assert run.wait(SECONDS_MAX) == 1
        assert "so the others are stopped" in run.stderr.read()  # type: ignore[union-attr]
        assert nothing_is_left_of(run.pid)


@pytest.mark.more
def test_a_worker_that_does_not_go_is_ended_with_the_desk(desk: Desk) -> None:
    """A server whose worker hangs is killed after a while; its worker would be nobody's then, and stay."""
    with desk.running() as run:
        announced(run)
        main = started_by(run.pid, "wsgi:application")
        worker = next(pid for pid, _ in group_of(run.pid) if parent_of(pid) == main)
        os.kill(worker, signal.SIGSTOP)
        os.kill(main, signal.SIGKILL)
        assert run.wait(SECONDS_MAX) == 1
        assert "so the others are stopped" in run.stderr.read()  # type: ignore[union-attr]
        assert nothing_is_left_of(run.pid)


def announced(run: subprocess.Popen[str]) -> str:
    """The address on the one line that says that pages answer."""
    line = run.stdout.readline()  # type: ignore[union-attr]
    assert line.startswith("Bankside on http://"), (line, run.poll())
    return line.split()[-1]


def becomes_well(address: str) -> bool:
    """Pages are there before the worker has said for the first time that it works: 503 until then."""
    until = time.monotonic() + SECONDS_MAX
    while time.monotonic() < until:
        try:
            return bool(DIRECTLY.open(address, timeout=10).status == 200)
        except urllib.error.HTTPError:
            time.sleep(0.5)
    return False


def nothing_is_left_of(leader: int) -> bool:
    """Whether the whole group ends within ten seconds."""
    until = time.monotonic() + 10
    while group_of(leader) and time.monotonic() < until:
        time.sleep(0.05)
    return group_of(leader) == []


def group_of(leader: int) -> list[tuple[int, str]]:
    """Living processes of a group with their command lines."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == leader and fields[0] != "Z":
            found.append((int(folder.name), words))
    return found


def started_by(leader: int, part: str) -> int:
    """The process that the desk itself started; a server's own worker has the same command line."""
    return next(pid for pid, words in group_of(leader) if part in words and parent_of(pid) == leader)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
