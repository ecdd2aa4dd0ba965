"""Which members each offer is for: packed bitmaps, one for every distinct predicate, joined by AND and OR.

An offer's condition is taken apart into predicates (column, op, value); offers that ask the same share its
bitmap. A negation is carried down to the predicates and done before packing, so the bits behind the last
member, which are no members, stay 0 whatever is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from bankside.late import numpy as np
from bankside.rewards.columns import Columns, within
from bankside.rewards.rules import nodes
from bankside.rewards.rules.expression import Expression
from bankside.rewards.rules.standing import Standing
from bankside.rewards.targeting_one import one_function
from bankside.rewards.targeting_predicates import Predicate, Tree, holds, tree_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD_BYTES: Final = 8

Bitmap: TypeAlias = "NDArray[np.uint64]"


class Targets:
    """The conditions of some offers, ready to be asked of all members or of one. None: for everybody."""

    def __init__(self, conditions: Sequence[Expression | None]) -> None:
        known: dict[Predicate, int] = {}
        roots = [nodes.Truth(True, 0) if one is None else one.root for one in conditions]
        self.trees: tuple[Tree, ...] = tuple(tree_of(root, known) for root in roots)
        self.predicates: tuple[Predicate, ...] = tuple(known)
        self._one: Callable[..., tuple[bool, ...]] | None = None

    def one(self, standing: Standing) -> tuple[bool, ...]:
        """Whether each offer is for this one member, in their order."""
        if self._one is None:
            self._one = one_function(self.predicates, self.trees)
        seen = within(standing)
        return self._one(
            seen.tier, seen.tenure, seen.spend, seen.active_days, seen.link_days, seen.language, seen.interest
        )

    @property
    def uses(self) -> tuple[int, ...]:
        """The number of the predicate at each place where an offer asks for one."""
        return tuple(number for tree in self.trees for number in tree.leaves())


class _Built(NamedTuple):
    """A bitmap and the state of the columns that it was made from."""

    bits: Bitmap
    of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """How many members each offer is for, and their bitmaps when they were asked for."""

    counts: NDArray[np.int64]
    bitmaps: tuple[Bitmap, ...] = ()


class Bitmaps:
    """The bitmaps of one set of columns. One is made anew only when a column that it asks has changed."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.made = 0
        self._built: dict[Predicate, _Built] = {}

    def of(self, predicate: Predicate) -> Bitmap:
        """The members of whom a predicate holds: bit by bit in the order of their rows, in uint64."""
        state = tuple(self.columns.changes[name] for name in predicate.columns)
        known = self._built.get(predicate)
        if known is None or known.of != state:
            known = _Built(packed(holds(predicate, self.columns)), state)
            self._built[predicate] = known
            self.made += 1
        return known.bits

    def evaluate(self, targets: Targets, *, keep: bool = False) -> Matched:
        """Counts for all offers; with `keep` a bitmap of each too (an eighth of a byte per member)."""
        bits = [self.of(predicate) for predicate in targets.predicates]
        words = words_for(len(self.columns))
        spare = [
            np.zeros(words, np.uint64) for _ in range(1 + max((t.depth() for t in targets.trees), default=0))
        ]
        counts, kept = np.zeros(len(targets.trees), np.int64), []
        ones = np.empty(words, np.uint8)
        for number, tree in enumerate(targets.trees):
            found = _joined(tree, bits, spare, 0)
            counts[number] = np.bitwise_count(found, out=ones).sum(dtype=np.int64)
            if keep:
                kept.append(found.copy())
        return Matched(counts, tuple(kept))


def packed(mask: NDArray[np.bool_]) -> Bitmap:
    """A truth per member as bits, filled up with zeros to whole words of 64."""
    bits = np.zeros(words_for(len(mask)) * WORD_BYTES, np.uint8)
    bits[: -(-len(mask) // 8)] = np.packbits(mask)
    return bits.view(np.uint64)


def unpacked(bits: Bitmap, members: int) -> NDArray[np.bool_]:
    """The truth per member of a bitmap."""
    return np.unpackbits(bits.view(np.uint8), count=members).view(np.bool_)


def words_for(members: int) -> int:
    """How many words of 64 bits so many members take."""
    return -(-members // (8 * WORD_BYTES))


def _joined(tree: Tree, bits: list[Bitmap], spare: list[Bitmap], depth: int) -> Bitmap:
    """The bitmap of a tree, in `spare[depth]` unless it is that of a single predicate."""
    if tree.sign is None:
        return bits[tree.predicate]
    join = np.bitwise_and if tree.sign == "&" else np.bitwise_or
    out = spare[depth]
    first, second, *others = tree.of
    left = _joined(first, bits, spare, depth)
    join(left, _joined(second, bits, spare, depth + 1), out=out)
    for other in others:
        join(out, _joined(other, bits, spare, depth + 1), out=out)
    return out
