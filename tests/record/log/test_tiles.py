from __future__ import annotations

import random
from pathlib import Path

import pytest

from bankside.record.log import tiles
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import Tree, consistency_proof, root_of, verify_consistency
from bankside.record.log.proving import Reader
from bankside.record.log.tiles import BundleWrong, Folder, HeadWrong, parts_of


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (1, 273, 112, "tile/1/273.p/112"),
        (-1, 1000, 1, "tile/entries/x001/000.p/1"),
        (5, 999_999, 256, "tile/5/x999/999"),
    ],
)
def test_paths_are_those_of_the_format(level: int, number: int, width: int, path: str) -> None:
    assert tiles.tile_path(level, number, width) == path


def test_seventy_thousand_leaves_have_the_tiles_that_the_format_names() -> None:
    parts = list(parts_of(70_000))
    of_level = {level: [p for p in parts if p.level == level] for level in (-1, 0, 1, 2)}
    assert [len(of_level[level]) for level in (-1, 0, 1, 2)] == [274, 274, 2, 1]
    assert [of_level[level][-1].width for level in (-1, 0, 1, 2)] == [112, 112, 17, 1]


def test_size_256_is_one_full_tile_and_one_hash_above() -> None:
    assert [(p.path, p.width) for p in parts_of(256) if p.level >= 0] == [
        ("tile/0/000", 256),
        ("tile/1/000.p/1", 1),
    ]


def test_what_is_new_between_two_sizes_is_what_must_be_written() -> None:
    assert [p.path for p in parts_of(300, since=200)] == [
        "tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
    ]  # fmt: skip
    assert list(parts_of(300, since=300)) == []


def test_a_bundle_is_read_strictly() -> None:
    leaves = [b"{}", "한울".encode(), b"x" * 2048]
    bundle = tiles.pack(leaves)
    assert tiles.unpack(bundle, 3) == leaves
    for wrong, width in [
        (bundle, 2),
        (bundle, 4),
        (bundle[:-1], 3),
        (bundle + b"\0", 3),
        (b"\0\0", 1),
        (b"", 1),
    ]:
        with pytest.raises(BundleWrong):
            tiles.unpack(wrong, width)


HEAD = "record.bank.example/log/0/2026\n2\n1Oej5d4kX7ehZ7+fQNSqC+2BdQeQXAV4wxPHytP2l38=\n"


def test_a_head_is_three_lines_and_nothing_else() -> None:
    head = tiles.parse_head(HEAD)
    assert (head.origin, head.size) == ("record.bank.example/log/0/2026", 2)
    assert tiles.head_text(*head) == HEAD


@pytest.mark.parametrize(
    "wrong",
    [
        HEAD[:-1], HEAD + "\n", HEAD.replace("\n2\n", "\n02\n"), HEAD.replace("\n2\n", "\n²\n"),
        HEAD.replace("38=", "39="), HEAD.replace("=", ""), HEAD.replace("record.", "rec ord."),
        HEAD.replace("\n", "\r\n"), HEAD.replace("/log", "+log"), "",
    ],
)  # fmt: skip
def test_a_head_in_any_other_form_is_refused(wrong: str) -> None:
    with pytest.raises(HeadWrong):
        tiles.parse_head(wrong)


def test_a_file_is_written_at_once_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "log", tmp_path / "new")
    folder.write("tile/0/000.p/1", b"one")
    folder.write("tile/0/000.p/1", b"other")
    assert folder.read("tile/0/000.p/1") == b"other"
    assert folder.read("tile/0/000") is folder.read("tile/0/000.p/1/2") is None
    assert list((tmp_path / "new").iterdir()) == []


def test_proofs_come_out_of_the_files(tmp_path: Path) -> None:
    """Consistency between random sizes of a tree of three levels, read from tiles alone."""
    hashes = [leaf_hash(str(i).encode()) for i in range(66_000)]
    size = len(hashes)
    folder, tree = Folder(tmp_path, tmp_path / "new"), Tree()
    full = {(t.level, t.number): t.data for t in tree.extend(hashes)}
    for part in parts_of(size):
        if part.level >= 0:
            data = full.get((part.level, part.number)) or bytes(tree.edge[part.level])
            path = tmp_path / part.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    assert folder.edge(size) == [bytes(e) for e in tree.edge]
    for old in [1, 255, 256, 257, 65_536, *random.Random(3).sample(range(1, size), 20)]:
        proof = consistency_proof(Reader(folder, size).node, old, size)
        verify_consistency(old, size, root_of(hashes[:old]), tree.root(), proof)
    with pytest.raises(LookupError):
        folder.tile(size, 0, 999)
