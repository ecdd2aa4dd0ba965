"""What a clone needs before anything runs: environment, front-end files, languages. Used by run and check.

Each step leaves a stamp of what it was made from, so that a second start does nothing. Standard library
alone, because it runs before anything is installed.
"""

import python_version

python_version.ensure()

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import front_end

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
DATA = Path(os.environ.get("BANKSIDE_DATA", ROOT / ".data")).resolve()
LOCALE = ROOT / "bankside/locale"
INSTALL_SECONDS_MAX = 900
# Images are often built with this set. Whatever is started would then compile all of ours anew, each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# What is installed for each use; the larger set contains the smaller one.
SETS = {"run": ("build", "run"), "check": ("build", "check")}


class NotPrepared(Exception):
    """A step could not be done; the message says what to do."""


class Progress:
    """Steps with the seconds since the start, one line each."""

    def __init__(self, out: object = None) -> None:
        self.started = time.monotonic()
        self.out = out or sys.stdout

    def say(self, words: str) -> None:
        """One line."""
        print(f"{time.monotonic() - self.started:6.1f} s  {words}", file=self.out, flush=True)  # type: ignore[arg-type]


def everything(what: str, progress: Progress) -> None:
    """Environment of the set `run` or `check`, front-end files, languages."""
    environment(what, progress)
    try:
        if not front_end.is_there():
            progress.say("fetching the front-end files")
            front_end.fetch(progress.say)
        if what == "check":
            front_end.fetch_for_checks(progress.say)
    except front_end.NotFetched as error:
        raise NotPrepared(str(error)) from None
    languages(progress)


def environment(what: str, progress: Progress) -> None:
    """.venv with the hash-pinned packages of a set, and the project itself without its dependencies."""
    if _is_installed(what):
        return
    with _alone():
        if _is_installed(what):
            return
        if not PYTHON.exists():
            progress.say(f"making .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
            _make_venv()
        progress.say("installing pinned packages")
        for name in SETS[what]:
            _install("--require-hashes", "-r", str(ROOT / f"requirements/{name}.txt"))
        _install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
        for name in SETS if what == "check" else (what,):
            (VENV / f".stamp-{name}").write_text(stamp(name))


def _is_installed(what: str) -> bool:
    left = VENV / f".stamp-{what}"
    return PYTHON.exists() and left.exists() and left.read_text() == stamp(what)


def stamp(what: str) -> str:
    """Made from the pins, the project file, the Python and the place: a moved clone is installed again."""
    files = [ROOT / "pyproject.toml", *(ROOT / f"requirements/{name}.txt" for name in SETS[what])]
    return digest([str(ROOT).encode(), *(file.read_bytes() for file in files)])


def digest(parts: Iterable[bytes]) -> str:
    """SHA-256 over parts, each with its length, in hex."""
    made = hashlib.sha256()
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


def _make_venv() -> None:
    """With pip inside; without where Debian has left ensurepip out: then this Python's pip installs."""
    if _run([sys.executable, "-m", "venv", str(VENV)]).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)]).returncode:
        raise NotPrepared("Python's venv is missing. On Debian: apt-get install python3-venv")


def _install(*wanted: str) -> None:
    """With uv when it is there and can, with pip otherwise."""
    uv = shutil.which("uv")
    if uv and _run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *wanted]).returncode == 0:
        return
    done = _run([*_pip(), "install", "--quiet", "--no-input", "--disable-pip-version-check", *wanted])
    if done.returncode:
        raise NotPrepared(f"Packages could not be installed:\n{done.stderr.strip()[-3000:]}")


def _pip() -> list[str]:
    if _run([str(PYTHON), "-m", "pip", "--version"]).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    if _run([sys.executable, "-m", "pip", "--version"]).returncode == 0:
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    raise NotPrepared("pip is missing. On Debian: apt-get install python3-venv")


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX)


@contextmanager
def _alone() -> Iterator[None]:
    """Two set-ups at once in one clone wait for each other."""
    import fcntl

    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache/set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def languages(progress: Progress) -> None:
    """Compiles the catalogues that are older than their words."""
    late = [po for po in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")) if _is_late(po)]
    if not late:
        return
    progress.say("compiling the languages")
    for po in late:
        mo = po.with_suffix(".mo")
        compiler = [str(PYTHON), "-m", "babel.messages.frontend", "compile"]
        made = _run([*compiler, "-i", str(po), "-o", str(mo)])
        if made.returncode:
            raise NotPrepared(f"{po.relative_to(ROOT)} could not be compiled:\n{made.stderr.strip()[-2000:]}")


def _is_late(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


def static(progress: Progress) -> None:
    """Collects what browsers fetch into the data folder, when something of it has changed."""
    left, wanted = DATA / "static/.stamp", _static_digest()
    if left.exists() and left.read_text() == wanted:
        return
    progress.say("collecting static files")
    command = [str(PYTHON), "-m", "django", "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise NotPrepared(f"Static files could not be collected:\n{done.stderr.strip()[-2000:]}")
    left.write_text(wanted)


def _static_digest() -> str:
    files = sorted(file for file in (ROOT / "bankside/web/static").rglob("*") if file.is_file())
    return digest([stamp("run").encode(), *(f"{file} {file.stat().st_mtime_ns}".encode() for file in files)])


if __name__ == "__main__":
    everything(sys.argv[1] if len(sys.argv) > 1 else "run", Progress(sys.stderr))
