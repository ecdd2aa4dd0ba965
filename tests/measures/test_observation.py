"""The observer against pages whose accounts are known: precision and recall, network by network."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

import pytest

from bankside.channels.places import known_places
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.institution import Institution, accounts
from bankside.measures.observation.page import observed
from tests.measures import corpus
from tests.measures.corpus import Made

LEAST = 0.98
TABLE = Addresses(known_places())
Counts = dict[str, tuple[int, int, int]]


def found_on(page: Made) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(its own accounts, those that imitate), of one page alone."""
    seen = observed(page.body, TABLE, address=page.address, content_type=page.content_type)
    every = accounts(Institution(name=page.name, hosts=(page.host,)), [seen], TABLE)
    own = {(one.network, one.handle) for one in every if one.own}
    return own, {(one.network, one.handle) for one in every if "look-alike" in one.flags}


def counted(pages: list[Made]) -> Counts:
    """Of each network: right, too much, missed."""
    right, much, missed = Counter[str](), Counter[str](), Counter[str]()
    for page in pages:
        own, alike = found_on(page)
        right.update(network for network, _ in own & page.own)
        much.update(network for network, _ in own - page.own)
        missed.update(network for network, _ in page.own - own)
        assert alike == page.alike, page.layout
    return {name: (right[name], much[name], missed[name]) for name in sorted({*right, *much, *missed})}


def table(counts: Counts) -> str:
    """The figures for people."""
    rows = [f"{'network':14}{'right':>6}{'wrong':>6}{'missed':>7}{'precision':>10}{'recall':>8}"]
    for name, (right, much, missed) in counts.items():
        precision, recall = right / (right + much or 1), right / (right + missed or 1)
        rows.append(f"{name:14}{right:6}{much:6}{missed:7}{precision:10.3f}{recall:8.3f}")
    return "\n".join(rows)


SETS = {
    "seen": (corpus.pages, 300),
    "put aside": (corpus.held_out, 200),
    "put aside again": (corpus.second, 200),
}


@pytest.mark.parametrize(("pages", "least"), SETS.values(), ids=SETS)
def test_precision_and_recall_of_every_network(
    pages: Callable[[], list[Made]], least: int, capsys: pytest.CaptureFixture[str]
) -> None:
    made = pages()
    assert len(made) >= least
    counts = counted(made)
    with capsys.disabled():
        sys.stdout.write(f"\n{len(made)} pages\n{table(counts)}\n")
    for name, (right, much, missed) in counts.items():
        assert right / (right + much or 1) >= LEAST, name
        assert right / (right + missed) >= LEAST, name
    assert len(counts) >= 18
    assert all(right + missed >= 20 for right, _, missed in counts.values())


@pytest.mark.more
def test_other_pages_of_the_same_layouts() -> None:
    for name, (right, much, missed) in counted(corpus.pages(280, seed=91)).items():
        assert right / (right + much) >= LEAST and right / (right + missed) >= LEAST, name


def test_a_missed_and_a_wrong_account_would_be_seen() -> None:
    page = corpus.pages(1)[0]
    page.own |= {("nowhere", "nobody")}
    page.own.discard(first := sorted(page.own)[0])
    counts = counted([page])
    assert counts["nowhere"] == (0, 0, 1)
    assert counts[first[0]][1] == 1
