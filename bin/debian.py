"""The Debian packages that the tests use: which are missing, and installing them where that is possible."""

import os
import shutil
import subprocess
from pathlib import Path

LIST = Path(__file__).resolve().parent.parent / "requirements/debian.txt"
INSTALL_SECONDS_MAX = 900


def wanted() -> list[str]:
    """The names in requirements/debian.txt."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [words[0] for line in lines if (words := line.partition("#")[0].split())]


def missing() -> list[str]:
    """Those that are not installed; all of them on a system without dpkg."""
    if not shutil.which("dpkg-query"):
        return wanted()
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted()]
    lines = subprocess.run(query, capture_output=True, text=True).stdout.splitlines()
    there = {line.split()[0] for line in lines if line.endswith(" installed")}
    return [name for name in wanted() if name not in there]


def install(names: list[str]) -> str:
    """Installs them and returns "", or returns why that was not possible for one of them."""
    if not shutil.which("apt-get"):
        return "this is no Debian: there is no apt-get"
    become = _become_root()
    if become is None:
        return "apt-get needs root, and this is another user without sudo"
    _apt(become, "update", "-q")
    if not _install(become, names):
        return ""
    # Together they fail when one is not to be had on this Debian: then one by one.
    reasons = [reason for name in names if (reason := _install(become, [name]))]
    return reasons[0] if reasons else ""


def _install(become: list[str], names: list[str]) -> str:
    return _apt(become, "install", "-y", "-q", "--no-install-recommends", *names)


def _apt(become: list[str], *words: str) -> str:
    """Runs apt-get; its last words when it fails."""
    # RUNLEVEL=1: a package that brings a server does not start it; tests start their own, on 127.0.0.1.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = [*become, "apt-get", *words]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return f"apt-get {words[0]} did not end within {INSTALL_SECONDS_MAX} s"
    lines = (done.stderr or done.stdout).strip().splitlines()
    return f"apt-get {words[0]} failed: {lines[-1] if lines else done.returncode}" if done.returncode else ""


def _become_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n", "-E"]
    return None
