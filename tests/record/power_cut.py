"""Cuts the power of a desk that appends and publishes, or of a signer that signs, at many moments (fault 5).

`python -m tests.record.power_cut FOLDER CUTS appending` or `... signer_life new|known`, with BANKSIDE_DATA
being FOLDER/data; prints a line of JSON for each cut. The process is traced once; what its disk would hold
after a cut is then laid down from the trace (power.py), and somebody looks at it as after a kill.
"""

from __future__ import annotations

import random
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tests.flows.mortal import life
from tests.record import power
from tests.record.straced import Act, attempt, say

SHARES = (0.0, 0.5, 0.9, 1.0)
UNSYNCED = ("-shm",)
"""Endings of files that are memory of the living alone, and are made anew."""


def main(folder: Path, cuts: int, program: str, state: str = "") -> None:
    act, look = _program(folder, program, state)
    data, trace = folder / "data", folder / "trace"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(folder / "kept", data)
    first = _files(data)
    ended, told = attempt(act, "", trace, *power.STRACE)
    assert (ended, told[-1]) == ("ended", ["done"]), (ended, told)
    ops = power.operations(trace.read_text(), data, first)
    assert power.after_a_cut(first, ops, len(ops), random.Random(0), 1.0) is not None
    say({"operations": len(ops), "syncs": sum(one.what == "sync" for one in ops)})
    for number, at, share in _moments(ops, cuts):
        lay_down(data, power.after_a_cut(first, ops, at, random.Random(number), share))
        heard = power.said(ops, at)
        _, after = life(lambda heard=heard: look(heard))  # type: ignore[misc]
        say({"at": at, "share": share, "told": heard, **after})


def _moments(ops: list[power.Operation], cuts: int) -> list[tuple[int, int, float]]:
    """When, and how much of what was not synced is there. The moments after something was said come first."""
    dice = random.Random(5)
    spoken = [at + 1 for at, one in enumerate(ops) if one.what == "said"]
    others = [at for at in range(len(ops) + 1) if at not in spoken]
    dice.shuffle(others)
    moments = [(at, 0.0) for at in spoken] + [(at, 0.0) for at in others]
    more = [(at, share) for share in SHARES[1:] for at in others + spoken]
    dice.shuffle(more)
    half = cuts // 2
    chosen = moments[:half] + more[: cuts - min(half, len(moments))]
    return [(number, *moment) for number, moment in enumerate(chosen)]


def _program(folder: Path, program: str, state: str) -> tuple[Act, Any]:
    if program == "signer_life":
        from tests.record import signer_life

        signer_life.prepare(folder, state)
        memory = folder / "data" / "signer"
        return partial(signer_life.ask_all, memory), partial(signer_life.look, memory)
    from tests.record import appending

    appending.prepare(folder)
    return appending.append_all, appending.look


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lay_down(data: Path, files: dict[str, bytes]) -> None:
    """The folder as the power left it."""
    for path in data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in files.items():
        if not name.endswith(UNSYNCED):
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
