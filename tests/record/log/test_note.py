"""Signed notes: the vectors of 2.16 byte for byte, and everything that is no note or does not hold."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.record.log import note
from bankside.record.log.note import (
    COSIGNS,
    COSIGNS_FOR_LONG,
    SIGNS,
    Key,
    KeyWrong,
    NoteWrong,
    Signature,
    check,
    message,
    note_bytes,
    parse_note,
    parse_vkey,
    public_key,
    sign,
)
from bankside.record.log.tiles import HeadWrong
from tests.record.vectors import (
    HEAD,
    LOG_KEY,
    LOG_LINE,
    LOG_PRIVATE,
    NOTE,
    ORIGIN,
    TIME,
    WITNESS_KEY,
    WITNESS_LINE,
    WITNESS_PRIVATE,
)

PQ_PRIVATE = MLDSA44PrivateKey.from_seed_bytes(hashlib.sha256(b"bankside test witness key").digest())
PQ = public_key("witness.example/pq1", COSIGNS_FOR_LONG, PQ_PRIVATE)
KEYS = [LOG_KEY, WITNESS_KEY, PQ]


def test_the_ids_and_the_note_of_the_sheet() -> None:
    assert (LOG_KEY.id.hex(), WITNESS_KEY.id.hex()) == ("8a4767e2", "b3e85bbf")
    lines = [sign(HEAD, LOG_KEY, LOG_PRIVATE), sign(HEAD, WITNESS_KEY, WITNESS_PRIVATE, TIME)]
    assert note_bytes(HEAD, lines).decode() == NOTE
    assert [(one.key.name, one.time) for one in check(parse_note(NOTE.encode()), KEYS)] == [
        (ORIGIN, 0), ("witness.example/w1", TIME),
    ]  # fmt: skip


def test_what_an_ml_dsa_witness_signs_is_the_message_of_the_sheet() -> None:
    signed = message(PQ, HEAD, TIME)
    assert len(signed) == 120
    assert (
        hashlib.sha256(signed).hexdigest()
        == "a358ad94cc98287f242a7550d88a36e8eca8a9fc5c68e9d7a268fbcafd28a441"
    )
    whole = note_bytes(HEAD, [sign(HEAD, PQ, PQ_PRIVATE, TIME)])
    assert [(one.key, one.time) for one in check(parse_note(whole), KEYS)] == [(PQ, TIME)]
    assert len(parse_note(whole).signatures[0].raw) == 8 + 2420


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key.kind))
def test_a_key_as_text_is_read_as_it_was_written_and_any_changed_letter_is_noticed(key: Key) -> None:
    assert parse_vkey(key.vkey) == key
    every = 1 if key.kind != COSIGNS_FOR_LONG else 37
    for at in range(0, len(key.vkey), every):
        with pytest.raises(KeyWrong):
            parse_vkey(key.vkey[:at] + chr(ord(key.vkey[at]) ^ 1) + key.vkey[at + 1 :])


@pytest.mark.parametrize(
    "wrong",
    ["", "name", "name+00000000", "name+00000000+", "name+00000000+AQ==", f"{LOG_KEY.vkey}=",
     f" {LOG_KEY.vkey}", LOG_KEY.vkey.upper(), f"a+{LOG_KEY.vkey}", LOG_KEY.vkey.replace("+", " ", 1)],
)  # fmt: skip
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(KeyWrong):
        parse_vkey(wrong)


WRONG = {
    "empty": "",
    "no signature": HEAD,
    "no signature after the line": HEAD + "\n",
    "no last newline": NOTE[:-1],
    "carriage return": NOTE.replace("\n", "\r\n"),
    "tab": NOTE.replace(" ", "\t"),
    "hyphen for dash": NOTE.replace("—", "-"),
    "two spaces": NOTE.replace("— ", "—  "),
    "space at the end": NOTE.replace("AJs=\n", "AJs= \n").replace("rwE=\n", "rwE= \n"),
    "no padding": NOTE.replace("rwE=", "rwE"),
    "other padding bits": NOTE.replace("rwE=", "rwF="),
    "url alphabet": NOTE.replace("8Gt1zq", "_Gt1zq"),
    "plus in a name": NOTE.replace("— record.", "— rec+rd."),
    "id alone": f"{HEAD}\n— name AAAAAA==\n",
    "empty line among signatures": f"{HEAD}\n{LOG_LINE}\n{WITNESS_LINE}"[:-1],
    "twice": f"{NOTE}{LOG_LINE}",
    "too many": f"{HEAD}\n" + "".join(f"— name{n} AAAAAAAA\n" for n in range(note.SIGNATURES_MAX + 1)),
    "too long": "x" * note.NOTE_BYTES_MAX + f"\n\n{LOG_LINE}",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_note_is_refused(what: str) -> None:
    assert WRONG[what] != NOTE
    with pytest.raises(NoteWrong):
        check(parse_note(WRONG[what].encode()), KEYS)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(NoteWrong, match="UTF-8"):
        parse_note(NOTE.encode().replace(b"desk", b"des\xff"))


def test_signatures_of_others_are_left_out_and_there_may_be_many() -> None:
    other = "".join(f"— other{n}.example AAAAAAAA\n" for n in range(16))
    assert [one.key for one in check(parse_note(f"{NOTE}{other}".encode()), KEYS)] == [LOG_KEY, WITNESS_KEY]
    assert check(parse_note(NOTE.encode()), []) == []
    # The name alone, or the id alone, is another key's.
    assert check(parse_note(NOTE.replace(f"— {ORIGIN}", "— x.example").encode()), [LOG_KEY]) == []


@pytest.mark.parametrize("at", [0, 1, 11, 32, len(HEAD) - 2])
def test_a_changed_text_or_signature_of_a_known_key_rejects_the_whole_note(at: int) -> None:
    text = HEAD[:at] + chr(ord(HEAD[at]) ^ 1) + HEAD[at + 1 :]
    for changed in (
        NOTE.replace(HEAD, text),
        NOTE.replace("NPPlGwp", "NPPlGwq"),
    ):
        with pytest.raises(NoteWrong, match="does not hold"):
            check(parse_note(changed.encode()), KEYS)


def test_a_time_is_part_of_what_a_witness_signs_and_never_nought() -> None:
    lines = parse_note(NOTE.encode()).signatures
    for stamp in (0, TIME + 1, 2**63):
        line = lines[1]._replace(raw=stamp.to_bytes(8, "big") + lines[1].raw[8:])
        with pytest.raises(NoteWrong, match=r"does not hold|has no time"):
            check(parse_note(note_bytes(HEAD, [lines[0], line])), KEYS)
    for key, private, time in ((LOG_KEY, LOG_PRIVATE, 1), (WITNESS_KEY, WITNESS_PRIVATE, 0)):
        with pytest.raises(ValueError, match="a log signs without a time"):
            sign(HEAD, key, private, time)


def test_a_witness_for_long_signs_heads_alone_and_a_log_any_text() -> None:
    with pytest.raises(HeadWrong):
        sign("no head\n", PQ, PQ_PRIVATE, 1)
    said = sign("no head\n", LOG_KEY, LOG_PRIVATE)
    assert check(parse_note(note_bytes("no head\n", [said])), KEYS)[0].key == LOG_KEY


def test_a_signature_is_of_one_kind_alone() -> None:
    """A witness's signature does not count as the log's, although the key is the same."""
    as_witness = public_key(ORIGIN, COSIGNS, LOG_PRIVATE)
    cosigned = sign(HEAD, as_witness, LOG_PRIVATE, TIME)
    assert as_witness.id != LOG_KEY.id
    for raw in (cosigned.raw, cosigned.raw[8:]):
        with pytest.raises(NoteWrong):
            check(parse_note(note_bytes(HEAD, [Signature(ORIGIN, LOG_KEY.id, raw)])), [LOG_KEY])
    assert LOG_KEY.kind == SIGNS


@given(st.binary(max_size=400))
@settings(max_examples=100)
def test_any_bytes_are_a_note_or_are_refused(data: bytes) -> None:
    for tried in (data, NOTE.encode()[: len(data)] + data, base64.b64encode(data) + b"\n\n" + data):
        try:
            assert note_bytes(*parse_note(tried)) == tried
        except NoteWrong:
            continue
