from __future__ import annotations

import pytest

from bankside.channels import connect, form
from bankside.channels.form import BadRhythm


def test_every_network_can_be_offered_with_its_fields() -> None:
    offered = {info.name: info for info in connect.networks()}
    assert [info.title.lower() for info in offered.values()] == sorted(
        i.title.lower() for i in offered.values()
    )
    practice = offered["practice"]
    assert practice.here
    assert "reply" in practice.offers
    assert {"folder", "hook_secret", "poll_seconds"} <= {f.name for f in practice.fields}
    assert {f.name for f in practice.fields if f.secret} == {"hook_secret"}
    assert connect.network_info("practice") == practice


def test_an_unknown_network_is_named() -> None:
    with pytest.raises(LookupError, match="no network 'myspace'"):
        connect.network_info("myspace")


@pytest.mark.parametrize("text", ["0", "-1", "5.0", "86401", "soon", "٥", "9" * 5000])
def test_a_rhythm_is_a_number_of_seconds(text: str) -> None:
    with pytest.raises(BadRhythm, match="from 1 to 86,400"):
        form.rhythm({"poll_seconds": text})
    assert form.rhythm({}) == form.rhythm({"poll_seconds": " "}) == 0
    assert form.rhythm({"poll_seconds": "86400"}) == 86_400
