"""Starting: seconds from `bin/run` to a served page, on a desk that is there, and from a fresh clone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench.promise import ROOT

READY_SECONDS_MAX = 300


def measure(size: int) -> dict[str, float]:
    """Size 1: `start-again` in this clone. Size 2: in a fresh clone, and `start-first` there before."""
    with tempfile.TemporaryDirectory(prefix="bankside-bench-") as folder:
        figures = {}
        clone = ROOT
        if size > 1:
            clone = Path(folder) / "clone"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            figures["start-first"] = _seconds(clone, Path(folder) / "data")
        else:
            _seconds(clone, Path(folder) / "data")
        figures["start-again"] = _seconds(clone, Path(folder) / "data")
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir(exist_ok=True)
        return figures


def _seconds(clone: Path, data: Path) -> float:
    """Starts the desk, waits until it says that it is ready, stops it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    env = {**ours, "BANKSIDE_DATA": str(data)}
    started = time.monotonic()
    command = ["python3", "bin/run", "--port", "8400"]
    with subprocess.Popen(command, cwd=clone, env=env, stdout=subprocess.PIPE, text=True) as run:
        try:
            return _ready(run, started)
        finally:
            run.send_signal(signal.SIGINT)
            run.wait(30)


def _ready(run: subprocess.Popen[str], started: float) -> float:
    assert run.stdout is not None
    for line in run.stdout:
        if line.split()[2:] == ["ready"]:
            return time.monotonic() - started
        if time.monotonic() - started > READY_SECONDS_MAX:
            break
    raise RuntimeError("bin/run did not become ready")
