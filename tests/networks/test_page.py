from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bankside.networks import page
from bankside.networks.catalogue import NetworkData, Price, load, network
from bankside.networks.contract import OPERATIONS

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
