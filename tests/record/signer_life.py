"""A signer that starts and signs in a small process, at one of whose system calls a fault is put by strace.

`python -m tests.record.signer_life FOLDER EVERY RARER new|known`; see straced.py. `new`: its folder is empty,
and it makes its key. It is asked as a desk asks (record/seal.py): where it is ahead, from where it is.
"""

from __future__ import annotations

import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from bankside.record.signer import Signer
from tests.record.signers import HOST, LOG, request
from tests.record.straced import Tell, insist, sweep

KNOWN = 5
SIZES = (6, 255, 300)


def main(folder: Path, every: int, rarer: int, state: str) -> None:
    """Every `every`-th call that writes, `rarer`-th of the others; one line of JSON for each try."""
    prepare(folder, state)
    memory = folder / "data" / "signer"
    sweep(folder, partial(ask_all, memory), partial(look, memory), every, rarer)


def prepare(folder: Path, state: str) -> None:
    """FOLDER/kept is where a signer was at work, or an empty folder."""
    first = folder / "kept"
    first.mkdir()
    if state == "known":
        with closing(Signer(first / "signer", HOST)) as signer:
            assert signer.answer(request(0, KNOWN)).status == 200


def ask_all(memory: Path, tell: Tell, go: int) -> None:
    """Starts it, has each size signed, and the last one twice."""
    signer = insist("start", lambda: Signer(memory, HOST), tell, go, str)
    for size in (*SIZES, SIZES[-1]):
        asked = partial(signed, signer, size)
        tell("signed", size, insist("sign", asked, tell, go, str))


def signed(signer: Signer, size: int, word: str = "") -> str:
    """The signatures under a head of that size. RuntimeError when it does not sign."""
    old = 0
    for _ in range(2):
        answer = signer.answer(request(old, size, word))
        if answer.status == 200:
            return answer.body
        if answer.status != 409:
            raise RuntimeError(f"{answer.status} {answer.body}")
        old = int(answer.body)
    raise RuntimeError(f"{answer.status} {answer.body}")


def look(memory: Path, told: list[Any]) -> dict[str, Any]:
    """What another signer on the folder does, which starts after the fault."""
    with closing(Signer(memory, HOST)) as signer:
        last = signer._last(LOG).size
        other = [signer.answer(request(old, size, "other")).status for old, size in ((last, last), (0, last))]
        again = {size: _same(signer, size) for size in {last} - {0}}
        return {
            "last": last, "other": other if last else [], "again": again.get(last, ""),
            "older": [signer.answer(request(0, size)).status for size in SIZES if size < last],
            "goes on": signer.answer(request(last, SIZES[-1] + 1)).status,
        }  # fmt: skip


def _same(signer: Signer, size: int) -> str:
    return signer.answer(request(size, size)).body


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
