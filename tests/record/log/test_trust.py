"""Whom to believe: the form of a trust file, and when enough witnesses have signed."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bankside.record.log.note import COSIGNS, SIGNS, Key, KeyWrong, Signed, public_key
from bankside.record.log.trust import TrustWrong, parse_trust, trust_in, trust_text
from tests.record.vectors import LOG_KEY, TRUST, WITNESS_KEY


def key(name: str, kind: int = COSIGNS) -> Key:
    return public_key(
        name, kind, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    )


NAMES = ["x1", "x2", "x3", "y1", "y2", "y3"]
WITNESSES = {name: key(f"{name}.example") for name in NAMES}
EXAMPLE = (
    f"# of two institutions\nlog {LOG_KEY.vkey} https://log.example/\n\n"
    + "".join(f"witness {name} {WITNESSES[name].vkey}\n" for name in NAMES)
    + "group x-witnesses 2 x1 x2 x3\n\tgroup   y-witnesses any y1 y2 y3 \n"
    "group x-and-y all x-witnesses y-witnesses\nquorum x-and-y\n"
)


@pytest.mark.parametrize(
    ("signed", "enough"),
    [("", False), ("x1 x2", False), ("x1 y1", False), ("x1 x3 y3", True), ("x1 x2 x3 y1 y2 y3", True),
     ("y1 y2 y3 x2", False)],
)  # fmt: skip
def test_the_example_of_the_format(signed: str, enough: bool) -> None:
    trust = parse_trust(EXAMPLE.encode())
    assert trust.logs == [LOG_KEY]
    assert trust.enough([Signed(WITNESSES[name], 1) for name in signed.split()]) is enough


def test_none_asks_for_no_witness_and_one_may_be_enough() -> None:
    trust = parse_trust(f"log {LOG_KEY.vkey}\nquorum none\n".encode())
    assert trust.enough([]) and trust.keys_for(LOG_KEY.name) == [LOG_KEY]
    assert trust.keys_for("other.example/log") == []
    alone = parse_trust(TRUST.encode())
    assert alone.enough([Signed(WITNESS_KEY, 1)]) and not alone.enough([Signed(LOG_KEY, 0)])


def test_what_the_desk_writes_is_read() -> None:
    keys = [LOG_KEY, key("other.example/log", SIGNS)]
    assert parse_trust(trust_text(keys).encode()).logs == keys
    assert trust_in(*(one.vkey for one in keys)).logs == keys
    with pytest.raises(KeyWrong):
        trust_in("nonsense")


LOG, W = f"log {LOG_KEY.vkey}\n", f"witness w {WITNESS_KEY.vkey}\n"
WRONG = {
    "nothing": "",
    "no quorum": LOG,
    "two quorums": f"{LOG}quorum none\nquorum none\n",
    "unknown quorum": f"{LOG}quorum w\n",
    "quorum before its witness": f"{LOG}quorum w\n{W}",
    "no last newline": f"{LOG}quorum none",
    "carriage return": f"{LOG}quorum none\r\n",
    "a log twice": f"{LOG}{LOG}quorum none\n",
    "a witness twice": f"{W}{W.replace(' w ', ' v ')}quorum none\n",
    "a name twice": f"{W}witness w {WITNESSES['x1'].vkey}\nquorum none\n",
    "none as a name": f"{W.replace(' w ', ' none ')}quorum none\n",
    "a witness as a log": f"log {WITNESS_KEY.vkey}\nquorum none\n",
    "a log as a witness": f"witness w {LOG_KEY.vkey}\nquorum none\n",
    "a broken key": f"log {LOG_KEY.vkey[:-1]}\nquorum none\n",
    "an empty group": f"{W}group g all\nquorum none\n",
    "a group of the unknown": f"{W}group g all w v\nquorum none\n",
    "a group of one twice": f"{W}group g 2 w w\nquorum g\n",
    "a member of two groups": f"{W}group g all w\ngroup h all w\nquorum g\n",
    "more than there are": f"{W}group g 2 w\nquorum g\n",
    "nought": f"{W}group g 0 w\nquorum g\n",
    "none in a group": f"{W}group g any none\nquorum g\n",
    "an unknown word": f"{LOG}witnesses 3\nquorum none\n",
    "too many words": f"{LOG}quorum none none\n",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_trust_file_is_refused(what: str) -> None:
    with pytest.raises(TrustWrong):
        parse_trust(WRONG[what].encode())


def test_the_line_that_is_wrong_is_named() -> None:
    with pytest.raises(TrustWrong, match=r"^line 2: the name none is taken$"):
        parse_trust(WRONG["none as a name"].replace("witness", "# x\nwitness", 1).encode())


def test_names_are_bytes_and_need_not_be_text() -> None:
    name = b"\xff\xe2\x84\xaa"
    trust = parse_trust(b"witness " + name + f" {WITNESS_KEY.vkey}\nquorum ".encode() + name + b"\n")
    assert trust.enough([Signed(WITNESS_KEY, 1)])
