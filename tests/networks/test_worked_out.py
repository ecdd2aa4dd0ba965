"""Many threads that meet a class of ours for the first time at once do not crash the desk."""

from __future__ import annotations

import subprocess
import sys

from tests.house import tree

# Without `work_out` about every third of these processes dies of SIGSEGV.
TRIES = 6
AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-6)
from bankside.networks import catalogue
import msgspec
def meet():
    together.wait()
    for one in catalogue.load().values():
        one.connector_class()
    from bankside.networks.practice.state import State
    msgspec.json.decode(b"{}", type=State)
together = threading.Barrier(8)
threads = [threading.Thread(target=meet) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
"""


def test_first_uses_at_once_crash_nothing() -> None:
    for _ in range(TRIES):
        done = subprocess.run(
            [sys.executable, "-c", AT_ONCE], cwd=tree.ROOT, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
