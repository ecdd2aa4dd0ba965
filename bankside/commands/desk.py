"""Running the desk: tables, pages, live updates, worker, and the invented bank."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say

PORTS_TRIED_MAX = 50
STOP_SECONDS_MAX = 10
WATCH_SECONDS = 0.1
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

    When the wished port is taken, the next free one is used; the address is printed.
    """
    from bankside import settings

    port = _free_port(settings.HOST, settings.PORT)
    environment = {**os.environ, "BANKSIDE_PORT": str(port), "BANKSIDE_HOST": settings.HOST}
    print(f"Bankside on http://{settings.HOST}:{port}", flush=True)
    parts = [_start(name, environment) for name in ("web", "live", "work")]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        while all(part.poll() is None for part in parts):
            time.sleep(WATCH_SECONDS)
        return next((code for part in parts if (code := part.poll())), 1)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(parts)


def web(parsed: argparse.Namespace) -> None:
    """Pages and API, by granian with four threads."""
    from bankside import settings

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


def live(parsed: argparse.Namespace) -> None:
    """Live updates: server-sent events in a process of their own, at the port after that of the pages."""
    from bankside import settings

    backpressure = ["--backpressure", str(LIVE_CONNECTIONS_MAX)]
    _serve("asginl", "bankside.web.live:application", settings.HOST, settings.PORT + 1, *backpressure)


def work(parsed: argparse.Namespace) -> int:
    """Does what is due: networks, followers of the record, jobs, publishing of the logs."""
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
    """Makes or upgrades the tables, and the keys of a new desk."""
    from bankside import settings

    settings.DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    ready()
    from django.core.management import call_command

    from bankside.record.founding import found

    call_command("migrate", verbosity=0, interactive=False)
    found()


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


def _serve(interface: str, application: str, host: str, port: int, *more: str) -> None:
    """Becomes granian: one worker, no access log, because addresses would stand in it."""
    command = [
        sys.executable, "-m", "granian", "--interface", interface, "--host", host, "--port", str(port),
        "--workers", "1", "--no-access-log", "--log-level", "warning", *more, application,
    ]  # fmt: skip
    os.execv(sys.executable, command)  # noqa: S606


def _start(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bankside", name], env=environment)


def _stop(parts: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks each to end, and ends those that do not."""
    for part in parts:
        part.terminate()
    until = time.monotonic() + STOP_SECONDS_MAX
    for part in parts:
        try:
            part.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.kill()


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
