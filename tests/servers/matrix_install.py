"""Installs Synapse, a server of the Matrix protocol, once, in an environment of its own under .cache/servers.

It is used as a program beside the tests and nothing of it is imported: its licence is the AGPL, ours is not.
`python -m tests.servers.matrix_install` does it ahead of the tests (under a minute, 240 MB).
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from tests.servers.bluesky_install import CACHE, NotInstalled, _run

SYNAPSE = "matrix-synapse==1.163.2"
FETCH_SECONDS_MAX = 600


def installed() -> Path:
    """The folder with `venv`; made when it is not there. Raises NotInstalled."""
    kept = CACHE / f"matrix-{_edition()}"
    if (kept / "ready").exists():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "matrix.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "ready").exists():
            _install(kept)
    return kept


def python(kept: Path) -> Path:
    """The Python that has Synapse."""
    return kept / "venv" / "bin" / "python"


def _edition() -> str:
    """Changes with what is installed and with the Python and the machine that it is for."""
    wanted = f"{SYNAPSE} {sys.version_info[:3]} {sys.base_prefix} {platform.machine()} {platform.libc_ver()}"
    return hashlib.sha256(wanted.encode()).hexdigest()[:16]


def _install(kept: Path) -> None:
    """Into a folder beside, which gets its name when everything in it works."""
    fresh = Path(tempfile.mkdtemp(prefix="matrix-", dir=CACHE))
    try:
        fresh.chmod(0o755)  # another user may run the tests with it
        what = "Python makes no environment"
        _run([sys.executable, "-m", "venv", str(fresh / "venv")], FETCH_SECONDS_MAX, what)
        pip = [str(python(fresh)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--only-binary=:all:", SYNAPSE], FETCH_SECONDS_MAX, "Synapse cannot be fetched")
        _run([str(python(fresh)), "-c", "import synapse.app.homeserver"], 60, "Synapse does not load")
        (fresh / "ready").write_text(f"{SYNAPSE}\n")
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{installed()}\n")
    except NotInstalled as reason:
        raise SystemExit(str(reason)) from None
