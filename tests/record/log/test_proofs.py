"""Evidence in a file: the vector of 2.16, and every changed structure of one is refused."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.record.log import proofs
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import EMPTY_ROOT, ProofWrong
from bankside.record.log.note import NoteWrong, note_bytes, sign
from bankside.record.log.proofs import (
    EntryProof,
    Growth,
    ProofFileWrong,
    Untrusted,
    check_entry,
    check_growth,
    check_head,
    entry_proof_bytes,
    growth_bytes,
    head_bytes,
    head_of,
    parse_entry_proof,
    parse_growth,
)
from bankside.record.log.tiles import Head, HeadWrong, head_text
from bankside.record.log.trust import parse_trust, trust_in
from tests.record.vectors import (
    HEAD,
    LEAVES,
    LOG_KEY,
    LOG_LINE,
    LOG_PRIVATE,
    NOTE,
    ORIGIN,
    PROOF,
    TRUST,
    WITNESS_KEY,
    WITNESS_LINE,
)  # fmt: skip

FIRST, SECOND = LEAVES
OURS, WITNESSED = trust_in(LOG_KEY.vkey), parse_trust(TRUST.encode())
REFUSED = (ProofFileWrong, ProofWrong, NoteWrong, HeadWrong, Untrusted)


def test_the_proof_of_the_sheet_is_read_checked_and_written_byte_for_byte() -> None:
    proof = parse_entry_proof(PROOF.encode())
    assert proof == EntryProof(1, (leaf_hash(FIRST),), NOTE.encode())
    assert entry_proof_bytes(proof).decode() == PROOF
    shown = check_entry(proof, SECOND, WITNESSED)
    assert (shown.head.origin, shown.head.size) == (ORIGIN, 2)
    assert [one.key for one in shown.signed] == [LOG_KEY, WITNESS_KEY]
    assert [one.key for one in check_entry(proof, SECOND, OURS).signed] == [LOG_KEY]


def test_any_changed_letter_of_the_proof_or_the_entry_is_refused() -> None:
    for at, letter in enumerate(PROOF):
        with pytest.raises(REFUSED):
            changed = f"{PROOF[:at]}{chr(ord(letter) ^ 1)}{PROOF[at + 1 :]}"
            check_entry(parse_entry_proof(changed.encode()), SECOND, WITNESSED)
    proof = parse_entry_proof(PROOF.encode())
    for at in range(len(SECOND)):
        with pytest.raises(ProofWrong):
            check_entry(proof, SECOND[:at] + bytes([SECOND[at] ^ 1]) + SECOND[at + 1 :], WITNESSED)


HASH = b64encode(leaf_hash(FIRST)).decode()
WRONG = {
    "nothing": "",
    "another version": PROOF.replace("@v1", "@v2"),
    "no index": PROOF.replace("index 1\n", ""),
    "index with a nought": PROOF.replace("index 1", "index 01"),
    "negative index": PROOF.replace("index 1", "index -1"),
    "another index": PROOF.replace("index 1", "index 0"),
    "index of the future": PROOF.replace("index 1", "index 2"),
    "no hash": PROOF.replace(f"{HASH}\n", ""),
    "a hash twice": PROOF.replace(HASH, f"{HASH}\n{HASH}"),
    "short hash": PROOF.replace(HASH, b64encode(leaf_hash(FIRST)[:31]).decode()),
    "hash in hex": PROOF.replace(HASH, leaf_hash(FIRST).hex()),
    "unpadded hash": PROOF.replace(HASH, HASH[:-1]),
    "too many hashes": PROOF.replace(HASH, "\n".join([HASH] * 64)),
    "two empty lines": PROOF.replace(f"{HASH}\n\n", f"{HASH}\n\n\n"),
    "carriage return": PROOF.replace("\n", "\r\n"),
    "extra twice": PROOF.replace("index", "extra AA==\nextra AA==\nindex"),
    "extra after index": PROOF.replace("index 1\n", "index 1\nextra AA==\n"),
    "extra that is no base64": PROOF.replace("index", "extra AA=\nindex"),
    "no signature": PROOF.partition("\n— ")[0] + "\n",
    "signed by the witness alone": PROOF.replace(LOG_LINE, ""),
    "not witnessed": PROOF.replace(WITNESS_LINE, ""),
    "four lines": PROOF.replace("38=\n", "38=\nmore\n"),
    "another log": PROOF.replace(ORIGIN, "other.example/log"),
    "too long": PROOF + "x" * proofs.PROOF_BYTES_MAX,
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_proof_is_refused(what: str) -> None:
    assert WRONG[what] != PROOF
    with pytest.raises(REFUSED):
        check_entry(parse_entry_proof(WRONG[what].encode()), SECOND, WITNESSED)


def test_extra_is_carried_and_never_believed() -> None:
    proof = parse_entry_proof(PROOF.replace("index", "extra 7ZWc7Jq4\nindex").encode())
    assert proof.extra == "한울".encode()
    assert parse_entry_proof(entry_proof_bytes(proof)) == proof
    check_entry(proof, SECOND, WITNESSED)


def test_an_entry_is_one_leaf_at_one_place() -> None:
    proof = parse_entry_proof(PROOF.encode())
    for leaf in (FIRST, SECOND.replace(b'"seq":1', b'"seq":2'), b"", b"{}"):
        with pytest.raises(ProofWrong):
            check_entry(proof, leaf, OURS)


def test_growth_is_shown_from_a_head_that_one_kept() -> None:
    """From one entry to two: its proof is the hash of the second alone."""
    kept = Head(ORIGIN, 1, leaf_hash(FIRST))
    proof = Growth(1, (leaf_hash(SECOND),), NOTE.encode())
    assert parse_growth(growth_bytes(proof)) == proof
    assert check_growth(proof, kept, WITNESSED).head.size == 2
    nothing = Growth(0, (), NOTE.encode())
    check_growth(parse_growth(growth_bytes(nothing)), Head(ORIGIN, 0, EMPTY_ROOT), WITNESSED)
    for other in (kept._replace(root=leaf_hash(SECOND)), kept._replace(size=2), kept._replace(origin="x")):
        with pytest.raises(ProofWrong):
            check_growth(proof, other, WITNESSED)
    for path in ((), (leaf_hash(FIRST),), (*proof.path, leaf_hash(FIRST))):
        with pytest.raises(ProofWrong):
            check_growth(Growth(1, path, NOTE.encode()), kept, WITNESSED)


def test_a_request_to_the_signer_holds_a_head_that_nobody_signed_yet() -> None:
    """Record sheet 2.9 and 2.12: old, hashes, an empty line, and the three lines."""
    body = growth_bytes(Growth(1, (leaf_hash(SECOND),), HEAD.encode()))
    assert body.decode() == f"old 1\n{b64encode(leaf_hash(SECOND)).decode()}\n\n{HEAD}"
    assert head_bytes(head_of(parse_growth(body).checkpoint)).decode() == HEAD
    for wrong in (
        b"",
        b"old 1\n",
        body.replace(b"old 1", b"old 01"),
        body.replace(b"old", b"new"),
        b"old 1\n\n",
    ):
        with pytest.raises(REFUSED):
            head_of(parse_growth(wrong).checkpoint)


def test_a_log_has_signed_only_its_own_heads() -> None:
    text = head_text("other.example/log", 2, leaf_hash(FIRST))
    data = note_bytes(text, [sign(text, LOG_KEY, LOG_PRIVATE)])
    with pytest.raises(Untrusted, match="no key that you trust"):
        check_head(data, OURS)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_any_bytes_are_a_proof_or_are_refused(data: bytes) -> None:
    for tried in (data, PROOF.encode()[: len(data)] + data, b"old 3\n" + data, b"old 0\n\n" + data):
        for read, written in ((parse_entry_proof, entry_proof_bytes), (parse_growth, growth_bytes)):
            try:
                proof = read(tried)  # type: ignore[operator]
            except ProofFileWrong:
                continue
            assert written(proof) == tried  # type: ignore[operator]
