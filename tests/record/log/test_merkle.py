"""The tree: published roots, a naive tree written from the RFC, proofs, and forged proofs."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.record.log.leaf import leaf_bytes
from bankside.record.log.merkle import (
    EMPTY_ROOT,
    Node,
    ProofWrong,
    Tree,
    consistency_proof,
    edge_widths,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.record.log.test_leaf import FIRST, SECOND

SIZES = (1, 2, 3, 7, 255, 256, 257, 511, 513, 1000, 65536, 65537, 70001)
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = ["6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79"]


def naive_root(hashes: list[bytes]) -> bytes:
    """MTH as RFC 9162, 2.1.1 writes it, with nothing taken from the code under test."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


def naive_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a path leads to, computed top down (RFC 9162, 2.1.3.1), another way than the walk."""
    if size == 1:
        assert path == []
        return leaf
    k = 1
    while k * 2 < size:
        k *= 2
    if index < k:
        return hashlib.sha256(b"\x01" + naive_inclusion(leaf, index, k, path[:-1]) + path[-1]).digest()
    return hashlib.sha256(b"\x01" + path[-1] + naive_inclusion(leaf, index - k, size - k, path[:-1])).digest()


@cache
def leaves(size: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + str(n).encode()).digest() for n in range(size)]


def node_of(hashes: list[bytes]) -> Node:
    """Complete subtrees, computed as asked and remembered."""

    @cache
    def node(height: int, index: int) -> bytes:
        if height == 0:
            return hashes[index]
        return node_hash(node(height - 1, 2 * index), node(height - 1, 2 * index + 1))

    return node


def test_the_published_roots() -> None:
    hashes = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
    assert [root_of(hashes[: n + 1]).hex()[:8] for n in range(8)] == ROOTS
    assert root_of([]) == EMPTY_ROOT == Tree().root() == hashlib.sha256(b"").digest()


def test_the_published_log_of_two() -> None:
    first, second = leaf_hash(leaf_bytes(FIRST)), leaf_hash(leaf_bytes(SECOND))
    root = base64.b64decode("1Oej5d4kX7ehZ7+fQNSqC+2BdQeQXAV4wxPHytP2l38=")
    path = [base64.b64decode("q/PgzdiarMaTtyBiQbific2d5ZYtyLpo/HtZuFs16Zs=")]
    assert root_of([first, second]) == root and path == [first]
    assert inclusion_proof(node_of([first, second]), 1, 2) == path
    verify_inclusion(second, 1, 2, path, root)


@pytest.mark.parametrize("size", SIZES)
def test_root_and_edge_for_every_way_of_growing(size: int) -> None:
    hashes = leaves(size)
    root = naive_root(hashes)
    assert root_of(hashes) == root
    for step in (size, 1000, 256, 37):
        tree, tiles = Tree(), []
        for start in range(0, size, step):
            tiles += tree.extend(hashes[start : start + step])
        assert tree.root() == root and tree.size == size
        assert [len(e) // 32 for e in tree.edge][: len(edge_widths(size))] == edge_widths(size)
        assert (
            len({(t.level, t.number) for t in tiles}) == len(tiles) == sum(size // 256**n for n in (1, 2, 3))
        )


@pytest.mark.parametrize("size", SIZES)
def test_every_full_tile_holds_the_roots_of_the_level_below(size: int) -> None:
    hashes = leaves(size)
    for tile in Tree().extend(hashes):
        step = 256**tile.level
        for place in (0, 1, 128, 255):
            start = (256 * tile.number + place) * step
            assert tile.data[32 * place : 32 * place + 32] == naive_root(hashes[start : start + step])


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_for_first_last_and_middle(size: int) -> None:
    hashes, root = leaves(size), naive_root(leaves(size))
    node = node_of(hashes)
    for index in {0, 1 % size, size // 2, size - 1, min(255, size - 1), min(256, size - 1)}:
        path = inclusion_proof(node, index, size)
        assert naive_inclusion(hashes[index], index, size, path) == root
        verify_inclusion(hashes[index], index, size, path, root)


def test_every_pair_of_small_sizes_is_consistent() -> None:
    hashes = leaves(70)
    node, roots = node_of(hashes), [naive_root(hashes[:n]) for n in range(71)]
    for new in range(71):
        for old in range(new + 1):
            verify_consistency(old, new, roots[old], roots[new], consistency_proof(node, old, new))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_proofs_hold_and_no_changed_proof_does(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 1200))
    old, index = data.draw(st.integers(1, new - 1)), data.draw(st.integers(0, new - 1))
    hashes = leaves(1200)
    node = node_of(hashes)
    old_root, new_root = root_of(hashes[:old]), root_of(hashes[:new])
    path, walk = inclusion_proof(node, index, new), consistency_proof(node, old, new)
    verify_inclusion(hashes[index], index, new, path, new_root)
    verify_consistency(old, new, old_root, new_root, walk)
    place, bit = data.draw(st.integers(0, 10**6)), data.draw(st.integers(0, 255))
    for forged in (_flip(path, place, bit), path[:-1], [*path, path[0]], path[::-1]):
        if forged != path:
            with pytest.raises(ProofWrong):
                verify_inclusion(hashes[index], index, new, forged, new_root)
    for forged in (_flip(walk, place, bit), walk[:-1], [*walk, walk[0]], []):
        with pytest.raises(ProofWrong):
            verify_consistency(old, new, old_root, new_root, forged)


@given(st.integers(2, 300), st.data())
@settings(max_examples=100, deadline=None)
def test_a_proof_is_of_one_leaf_at_one_place(size: int, data: st.DataObject) -> None:
    hashes = leaves(300)[:size]
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    path, root = inclusion_proof(node_of(hashes), index, size), root_of(hashes)
    if other != index:
        with pytest.raises(ProofWrong):
            verify_inclusion(hashes[other], index, size, path, root)
        with pytest.raises(ProofWrong):
            verify_inclusion(hashes[index], other, size, path, root)


def test_the_ends_of_what_can_be_proved() -> None:
    root = root_of(leaves(3))
    verify_consistency(3, 3, root, root, [])
    verify_consistency(0, 3, EMPTY_ROOT, root, [])
    for old, new, old_root, path in [(3, 3, EMPTY_ROOT, []), (3, 3, root, [root]), (0, 3, EMPTY_ROOT, [root]),
                                     (4, 3, root, []), (0, 3, root, []), (-1, 3, root, [])]:  # fmt: skip
        with pytest.raises(ProofWrong):
            verify_consistency(old, new, old_root, root, path)
    for index in (-1, 3):
        with pytest.raises(ProofWrong):
            verify_inclusion(root, index, 3, [], root)
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(node_of(leaves(3)), index, 3)


def test_a_tree_goes_on_only_from_its_own_edge() -> None:
    tree = Tree()
    tree.extend(leaves(700))
    more = Tree(700, [bytes(e) for e in tree.edge])
    more.extend(leaves(1000)[700:])
    assert more.root() == naive_root(leaves(1000)) and tree.root() == naive_root(leaves(700))
    for size, edge in [(701, tree.edge), (700, tree.edge[:1]), (699, tree.edge)]:
        with pytest.raises(ValueError, match="unfinished"):
            Tree(size, edge)
    with pytest.raises(ValueError, match="32 bytes"):
        tree.extend([b"short"])


def _flip(hashes: list[bytes], place: int, bit: int) -> list[bytes]:
    at = place % len(hashes)
    number = int.from_bytes(hashes[at], "big") ^ (1 << bit)
    return [*hashes[:at], number.to_bytes(32, "big"), *hashes[at + 1 :]]
