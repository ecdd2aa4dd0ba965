from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bankside.networks import page
from bankside.networks.catalogue import NetworkData, load, network
from bankside.networks.contract import OPERATIONS
from bankside.networks.declared import Assist, Price

DOCS = Path(__file__).resolve().parents[2] / "docs" / "networks"


@pytest.mark.parametrize("data", load().values(), ids=lambda d: d.name)
def test_the_page_in_the_documentation_is_the_one_that_the_data_make(data: NetworkData) -> None:
    """Write them anew with: python -m bankside.networks.page docs/networks"""
    assert (DOCS / f"{data.name}.md").read_text("utf-8") == page.page(data)


def test_there_is_no_page_without_a_network(tmp_path: Path) -> None:
    assert {p.name for p in page.write(tmp_path)} == {p.name for p in DOCS.iterdir() if p.name != "README.md"}


def test_every_operation_has_its_words() -> None:
    assert set(page.CAN) == set(OPERATIONS)


def test_a_price_a_closed_network_and_doubt_that_cannot_be_settled_are_told_in_plain_words() -> None:
    data = network("practice")
    price = Price(act="post", amount="0.015", currency="USD", note="With an address 0.200.")
    doubt = msgspec.structs.replace(data.doubt, strategy="none", late_acceptance_seconds=0)
    told = page.page(
        msgspec.structs.replace(data, lifecycle="closed", prices=(price,), doubt=doubt, markets=("CN",))
    )
    assert "The network has closed." in told and "Reachable in: CN." in told
    assert "A post: 0.015 USD. With an address 0.200." in told
    assert "a person decides" in told and "The desk first waits" not in told


def test_a_network_without_an_interface_tells_how_a_person_posts() -> None:
    assist = Assist(
        link="https://there.example/new?text={text}", steps=("Sign in.", "Send it."),
        evidence=("https://there.example/p/", "https://m.there.example/"),
    )  # fmt: skip
    data = msgspec.structs.replace(network("practice"), can=(), offers=("note",), assist=assist)
    told = page.page(data)
    assert "## Posting by hand" in told and "1. Sign in.\n2. Send it.\n" in told
    assert "The page to open: <https://there.example/new>. It is filled in" in told
    assert "begins with `https://there.example/p/` or `https://m.there.example/`" in told
    assert "lost answer" not in told and "Prices" not in told and "Anybody may connect" not in told


def test_a_closed_network_tells_of_nobody_who_posts() -> None:
    data = msgspec.structs.replace(network("practice"), can=(), offers=(), lifecycle="closed", assist=None)
    told = page.page(data)
    assert "Nothing is posted there." in told and "by hand" not in told and "## Limits" not in told


def test_a_network_that_is_connected_may_have_a_way_by_hand_too() -> None:
    assist = Assist(link="https://there.example/", steps=("Sign in.",))
    told = page.page(msgspec.structs.replace(network("practice"), assist=assist))
    assert "## Posting by hand" in told and "## When an answer is lost" in told
    assert "It is filled in" not in told and "What she shows" not in told
