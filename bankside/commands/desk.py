"""Running the desk: tables, pages, live updates, worker, and the invented bank."""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bankside.commands import REFUSED, CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say

PORTS_TRIED_MAX = 50
STOP_SECONDS_MAX = 10
WATCH_SECONDS = 0.1
ANSWER_SECONDS_MAX = 10
IDLE_SECONDS_MAX = 600
LIVE_CONNECTIONS_MAX = 1000


def declare(commands: Commands) -> None:
    """run, web, live, work, migrate, demo."""
    add(commands, "run", run)
    add(commands, "web", web)
    add(commands, "live", live)
    once = flag("--once", action="store_true", help="until nothing is due")
    add(commands, "work", work, once)
    add(commands, "migrate", migrate)
    add(commands, "demo", demo, AS_JSON)


def run(parsed: argparse.Namespace) -> int:
    """Pages, live updates and worker in one process group, until Ctrl-C or until one of them ends.

    When the wished port is taken, the next free one is used. The address is printed once pages answer.
    """
    from bankside import settings
    from bankside.record import standing

    standing.check()

    port = _free_port(settings.HOST, settings.PORT)
    environment = {**os.environ, "BANKSIDE_PORT": str(port), "BANKSIDE_HOST": settings.HOST}
    signal.signal(signal.SIGTERM, _interrupt)
    parts: dict[str, subprocess.Popen[bytes]] = {}
    try:
        parts |= {name: _start(name, environment) for name in ("web", "live", "work")}
        return _watch(parts, f"http://{settings.HOST}:{port}")
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(list(parts.values()))


def web(parsed: argparse.Namespace) -> None:
    """Pages and API, by granian with four threads."""
    from bankside import settings
    from bankside.record import standing

    standing.check()

    if not settings.STATIC_ROOT.exists():
        _collect_static()
    static = ["--static-path-route", "/static", "--static-path-mount", str(settings.STATIC_ROOT)]
    _serve(
        "wsgi",
        "bankside.web.wsgi:application",
        settings.HOST,
        settings.PORT,
        "--blocking-threads",
        "4",
        *static,
    )


def _collect_static() -> None:
    """What browsers fetch, into the data folder; `bin/run` has done it already and renews it."""
    ready()
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def live(parsed: argparse.Namespace) -> None:
    """Live updates: server-sent events in a process of their own, at the port after that of the pages."""
    from bankside import settings
    from bankside.record import standing

    standing.check()

    backpressure = ["--backpressure", str(LIVE_CONNECTIONS_MAX)]
    _serve("asginl", "bankside.web.live:application", settings.HOST, settings.PORT + 1, *backpressure)


def work(parsed: argparse.Namespace) -> int:
    """Does what is due: networks, followers of the record, jobs, publishing of the logs."""
    from bankside.record import standing

    standing.check()
    ready()
    from bankside.worker import Worker

    worker = Worker()
    if parsed.once:
        at_rest = worker.run_until_idle(IDLE_SECONDS_MAX)
        worker.close()
        if not at_rest:
            raise CommandRefused(f"there was still something to do after {IDLE_SECONDS_MAX} s")
        return 0
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.run_forever(stop)
    return 0


def migrate(parsed: argparse.Namespace) -> None:
    """Makes or upgrades the tables, and the keys of a new desk.

    On PostgreSQL with BANKSIDE_MIGRATE_DATABASE_URL the tables belong to that role, and the desk's own role
    is given what it needs and no more.
    """
    from bankside import settings

    settings.DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    ready()
    from django.core.management import call_command

    from bankside.record import schema, standing
    from bankside.record.founding import found
    from bankside.record.roles import grant

    owner = _owner()
    standing.refuse_half_restored(owner)
    schema.refuse_newer(schema.applied_in(owner), "The database")
    call_command("migrate", database=owner.alias, verbosity=0, interactive=False)
    if owner.alias != "default":
        grant(owner, str(settings.DATABASES["default"]["USER"]))
    found()
    _say_where_keys_lie()


def _say_where_keys_lie() -> None:
    """Not on a desk that shows itself off."""
    from bankside import settings
    from bankside.record import key_places

    if not settings.DEMO:
        for words in key_places.warnings():
            print(f"bankside: warning: {words}", file=sys.stderr)


def demo(parsed: argparse.Namespace) -> None:
    """Fills the desk with an invented bank on the practice network; a second time changes nothing."""
    ready()
    from bankside.commands import invented

    sign_ins = invented.bank()
    if parsed.json:
        say(parsed, {"sign_ins": sign_ins})
        return
    for one in sign_ins:
        print(f"{one['role']:<16} {one['email']:<34} {one['password']}")


def _owner() -> Any:
    """The connection that makes the tables: that of the owner where one is given."""
    from django.db import connections

    if "owner" not in connections:
        return connections["default"]
    if {connections[alias].vendor for alias in ("owner", "default")} != {"postgresql"}:
        raise CommandRefused("BANKSIDE_MIGRATE_DATABASE_URL is for PostgreSQL; SQLite has no roles")
    return connections["owner"]


def _serve(interface: str, application: str, host: str, port: int, *more: str) -> None:
    """Becomes granian: one worker, no access log, because addresses would stand in it."""
    command = [
        sys.executable, "-m", "granian", "--interface", interface, "--host", host, "--port", str(port),
        "--workers", "1", "--no-access-log", "--log-level", "warning", *more, application,
    ]  # fmt: skip
    os.execv(sys.executable, command)  # noqa: S606


def _watch(parts: dict[str, subprocess.Popen[bytes]], address: str) -> int:
    """Says once that pages answer, and returns when the first part ended."""
    told = False
    while not (ended := [name for name, part in parts.items() if part.poll() is not None]):
        if not told and _answers(f"{address}/health"):
            print(f"Bankside on {address}", flush=True)
            told = True
        time.sleep(WATCH_SECONDS)
    print(f"bankside: {ended[0]} ended, so the others are stopped", file=sys.stderr)
    return REFUSED


def _answers(address: str) -> bool:
    """Whether something answers there; a desk that is not well answers too. Past any proxy of the machine."""
    place = urlsplit(address)
    asked = http.client.HTTPConnection(place.hostname or "", place.port, timeout=ANSWER_SECONDS_MAX)
    try:
        asked.request("GET", place.path)
        asked.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        asked.close()


def _start(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bankside", name], env=environment)


def _stop(parts: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks each to end, and ends those that do not.

    Where the process group is ours, all of it is asked: a server that was killed leaves its workers behind.
    """
    ours = os.getpgrp() == os.getpid()
    if ours:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(os.getpgrp(), signal.SIGTERM)
    for part in parts:
        part.terminate()
    until = time.monotonic() + STOP_SECONDS_MAX
    for part in parts:
        try:
            part.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.kill()
    if ours:
        _end_the_rest(until)


def _end_the_rest(until: float) -> None:
    """Waits for what the parts left in our process group, and ends what does not go.

    A server that had to be killed, or was asked to end while it started its worker, leaves that worker, which
    would hold its port and whatever reads its words. Without /proc there is no list, and nothing is ended.
    """
    while (others := _others_of_the_group()) and time.monotonic() < until:
        time.sleep(WATCH_SECONDS)
    for pid in others:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _others_of_the_group() -> list[int]:
    """Living processes of our group but this one (proc(5): after the name come state, parent and group)."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = place.read_text().rpartition(")")[2].split()[:3]
            if int(group) == os.getpgrp() and state != "Z":
                found.append(int(place.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _free_port(host: str, first: int) -> int:
    for port in range(first, first + 2 * PORTS_TRIED_MAX, 2):
        if _is_free(host, port) and _is_free(host, port + 1):
            return port
    raise CommandRefused(f"no free port from {first} on; set BANKSIDE_PORT to another one")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
