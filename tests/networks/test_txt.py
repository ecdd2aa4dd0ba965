"""What a domain says, asked of a resolver that may break off, lie, or not be there."""

from __future__ import annotations

import struct

import pytest

from bankside.networks import txt
from bankside.networks.failures import Gone, Later, Refused
from tests.networks.resolving import resolver, said

pytestmark = pytest.mark.network


def test_a_resolver_that_breaks_off_lies_or_is_not_there() -> None:
    with resolver(said("x"), cut=True) as at, pytest.raises(Later):
        txt.records_of("minji.example", (at,))
    with resolver(said("x" * 200, "y"), b"\xff", b"") as at:
        assert txt.records_of("minji.example", ("127.0.0.1:1", at))[0] == "x" * 200 + "y"
    with pytest.raises(Later):
        txt.records_of("minji.example", ("127.0.0.1:1",))
    for domain in ("", "..", "x" * 64 + ".example", ".".join(["abc"] * 100)):
        with pytest.raises(Refused):
            txt.records_of(domain, ("127.0.0.1:1",))


def test_an_answer_to_another_question_is_none() -> None:
    question = txt._question("minji.example")
    head = struct.pack("!6H", struct.unpack("!H", question[:2])[0] ^ 1, 0x8180, 1, 0, 0, 0)
    with pytest.raises(ConnectionError):
        list(txt._answers(head + question[12:], question))
    with pytest.raises(Gone):
        list(txt._answers(question[:2] + struct.pack("!5H", 0x8183, 1, 0, 0, 0) + question[12:], question))
