"""What the writer writes is a log, whatever the steps, and what was torn is not signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bankside.record.log import writer
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import EMPTY_ROOT, root_of
from bankside.record.log.proofs import head_of
from bankside.record.log.tiles import Folder, parts_of
from bankside.record.log.verify import verify_folder
from bankside.record.log.writer import FilesWrong, check_grows, read_back, start_of_tiles, write, write_whole
from tests.record.log.test_verify import leaf

LEAVES = [leaf(seq) for seq in range(700)]
ORIGIN = "record.bank.example/log"


@pytest.mark.parametrize("size", [0, 1, 256, 511, 700])
@pytest.mark.parametrize("step", [97, 256, 10_000])
def test_a_log_is_the_same_however_it_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, step: int
) -> None:
    monkeypatch.setattr(writer, "ENTRIES_PER_HEAD_MAX", step)
    text = write_whole(Folder(tmp_path, tmp_path / ".new"), ORIGIN, LEAVES[:size])
    assert head_of(text.encode()).root == root_of(map(leaf_hash, LEAVES[:size]))
    (tmp_path / "checkpoint").write_text(text)
    report = verify_folder(tmp_path)
    assert (report.entries, report.problems) == (size, [])
    named = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert named >= {"checkpoint", *(part.path for part in parts_of(size))}


@pytest.mark.parametrize(
    "torn", ["tile/0/001", "tile/1/000.p/2", "tile/entries/000", "tile/entries/002.p/88"]
)
def test_a_file_that_is_not_what_was_written_is_noticed_before_anything_is_signed(
    tmp_path: Path, torn: str
) -> None:
    folder = Folder(tmp_path, tmp_path / ".new")
    write_whole(folder, ORIGIN, LEAVES[:600])
    data = folder.read(torn) or b""
    for changed in (data[:-1], data[:40] + bytes([data[40] ^ 1]) + data[41:]):
        folder.write(torn, changed)
        root = root_of(map(leaf_hash, LEAVES[:600]))
        with pytest.raises(FilesWrong):
            assert read_back(folder, writer.NOTHING, 600) == root or _refuse()


def _refuse() -> None:
    """An unfinished tile above the leaves has nothing over it: the root is another one then."""
    raise FilesWrong("another root")


def test_a_head_that_does_not_go_on_from_the_last_one_is_noticed(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path / ".new")
    write_whole(folder, ORIGIN, LEAVES)
    root, old = (root_of(map(leaf_hash, LEAVES[:size])) for size in (700, 300))
    assert check_grows(folder, 300, old, 700, root)
    assert check_grows(folder, 0, EMPTY_ROOT, 700, root) == []
    for other in (root, EMPTY_ROOT):
        with pytest.raises(FilesWrong, match="does not begin with the one at 300"):
            check_grows(folder, 300, other, 700, root)
    assert start_of_tiles(folder, 700, old) is None
    start = start_of_tiles(folder, 700, root)
    assert start is not None
    write(folder, start, 701, lambda part: [*LEAVES, leaf(700)][part.number * 256 :][: part.width])
    assert read_back(folder, start, 701) == root_of(map(leaf_hash, [*LEAVES, leaf(700)]))
