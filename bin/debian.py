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
    """Installs them and returns "", or returns why that was not possible."""
    if not shutil.which("apt-get"):
        return "this is no Debian: there is no apt-get"
    become = _become_root()
    if become is None:
        return "apt-get needs root, and this is another user without sudo"
    # RUNLEVEL=1: a package that brings a server does not start it; tests start their own, on 127.0.0.1.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
    for command in (["apt-get", "update", "-q"], install):
        try:
            done = subprocess.run(
                [*become, *command], env=env, capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX
            )
        except subprocess.TimeoutExpired:
            return f"{' '.join(command[:2])} did not end within {INSTALL_SECONDS_MAX} s"
    return "" if done.returncode == 0 else _reason(done)


def _become_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n", "-E"]
    return None


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr or done.stdout).strip().splitlines()
    return f"apt-get install failed: {lines[-1] if lines else done.returncode}"
