"""A desk in a data folder of its own, driven by processes that may be killed: for what must survive them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tests import founded

HERE = Path(__file__).resolve().parents[2]
PREAMBLE = """
import os, signal, sys, threading
import django
django.setup()
from tests import founded
from bankside.channels import connect, intake, kept, reading
from bankside.channels.models import Channel, Item
from bankside.networks.practice import PracticeServer
from bankside.record import jobs, projection
from bankside.record.models import Entry

SECRET = "hook secret"
network = PracticeServer(sys.argv[1], hook_secret=SECRET)

def channel():
    return Channel.objects.get()

def hook(request):
    return intake.receive(channel().hook, method="POST", path=request.path, query={},
                          headers=request.headers, body=request.body)

def die():
    os.kill(os.getpid(), signal.SIGKILL)
"""
FOUND = """
connect.add(None, "practice", name="Hanul", settings={"folder": sys.argv[1], "customers": "no"},
            secrets={"hook_secret": SECRET})
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A founded desk with one channel on a practice network that lives beside the data folder."""

    data: Path
    network: Path

    def run(self, code: str, *, killed: bool = False) -> str:
        """What the code prints, in a process of its own; `killed`: it is expected to die by its own hand."""
        env = {**os.environ, "BANKSIDE_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
        env.pop("BANKSIDE_DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "-c", PREAMBLE + textwrap.dedent(code), str(self.network)],
            cwd=HERE, env=env, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == (-9 if killed else 0), done.stderr
        return done.stdout.strip()

    def everything(self) -> bytes:
        """All bytes of all files in the data folder."""
        return b"\n".join(p.read_bytes() for p in sorted(self.data.rglob("*")) if p.is_file())


def found(folder: Path) -> Desk:
    """A new desk in the folder."""
    desk = Desk(folder / "data", folder / "network")
    founded.lay({"BANKSIDE_DATA": str(desk.data)})
    desk.run(FOUND)
    return desk
