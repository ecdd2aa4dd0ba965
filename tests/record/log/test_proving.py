"""Proofs are made from the tiles alone, for every entry and every growth, also while the log goes on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import root_of
from bankside.record.log.note import note_bytes, public_key, sign
from bankside.record.log.proofs import check_entry, check_growth, head_bytes, head_of
from bankside.record.log.proving import NotThere, Reader, leaf_at, prove_entry, prove_growth
from bankside.record.log.tiles import BundleWrong, Folder, Head
from bankside.record.log.trust import trust_in
from bankside.record.log.writer import write_whole
from tests.record.log.test_verify import leaf
from tests.record.vectors import LOG_PRIVATE

ORIGIN = "record.bank.example/log/0/2026"
KEY = public_key(ORIGIN, 1, LOG_PRIVATE)
TRUST = trust_in(KEY.vkey)


def publish(path: Path, leaves: list[bytes]) -> Folder:
    """A signed log of these leaves, made by the desk's own writer."""
    folder = Folder(path, path / ".new")
    text = write_whole(folder, ORIGIN, leaves)
    folder.write("checkpoint", note_bytes(text, [sign(text, KEY, LOG_PRIVATE)]))
    return folder


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_every_entry_of_a_log_is_proved(tmp_path: Path, size: int) -> None:
    leaves = [leaf(seq) for seq in range(size)]
    folder = publish(tmp_path, leaves)
    for index in {*range(0, size, 31), size - 1, size // 2}:
        assert leaf_at(folder, index) == leaves[index]
        assert check_entry(prove_entry(folder, index), leaves[index], TRUST).head.size == size
    for index in (-1, size, size + 300):
        for proving in (prove_entry, leaf_at):
            with pytest.raises(NotThere, match=f"has {size} entries"):
                proving(folder, index)  # type: ignore[operator]


def test_any_growth_is_proved_and_the_end_has_a_signed_head(tmp_path: Path) -> None:
    hashes = [leaf_hash(leaf(seq)) for seq in range(600)]
    folder = publish(tmp_path, [leaf(seq) for seq in range(600)])
    chance = random.Random(7)
    for old in [0, 1, 255, 256, 257, 512, 599, 600, *chance.sample(range(600), 30)]:
        kept = Head(ORIGIN, old, root_of(hashes[:old]))
        check_growth(prove_growth(folder, old), kept, TRUST)
        new = chance.randrange(old, 601)
        part = prove_growth(folder, old, new)
        if new < 600:
            assert part.checkpoint == head_bytes(Head(ORIGIN, new, root_of(hashes[:new])))
    for old, further in ((601, None), (5, 601), (6, 5), (-1, 5)):
        with pytest.raises(NotThere):
            prove_growth(folder, old, further)


def test_a_head_that_was_read_before_the_log_grew_can_still_be_proved(tmp_path: Path) -> None:
    """Its unfinished tile is gone; the full one begins with it."""
    leaves = [leaf(seq) for seq in range(700)]
    folder = publish(tmp_path, leaves[:600])
    old = folder.read("checkpoint") or b""
    publish(tmp_path, leaves + [leaf(seq) for seq in range(700, 800)])
    assert folder.read("tile/0/002.p/88") is None
    folder.write("checkpoint", old)
    check_entry(prove_entry(folder, 590), leaves[590], TRUST)
    assert Reader(folder, 600).root(600) == head_of(old).root


def test_a_log_that_is_not_whole_gives_no_proof(tmp_path: Path) -> None:
    folder = publish(tmp_path, [leaf(seq) for seq in range(300)])
    (tmp_path / "tile/0/000").unlink()
    (tmp_path / "tile/entries/000").write_bytes(b"\0\1{")
    with pytest.raises(LookupError, match="tile/0/000 is missing"):
        prove_entry(folder, 10)
    with pytest.raises(BundleWrong):
        leaf_at(folder, 3)
    with pytest.raises(NotThere, match="no log is published"):
        prove_entry(Folder(tmp_path / "nothing", tmp_path), 0)
