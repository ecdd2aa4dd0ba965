"""Payload encryption: the published vector, and that every wrong input stays shut."""

from __future__ import annotations

import pytest

from bankside.record.payload import Unreadable, decrypt, encrypt, unwrap_key, wrap_key

KEY, SALT = b"\x11" * 32, b"\x22" * 32
ID = "000102030405060708090a0b0c0d0e0f"
CT = "ff778f9bcc41c9261ba0477bb5bc14f7f2c37508bdc0d241fedd8454eef3ae24"
CM = "5631f9a7cb8700350be1c5d3442311d08a9dc5170273805b865a7bf4b1abb655"
SUBJ = "b" * 32


def test_the_published_vector() -> None:
    sealed = encrypt(KEY, ID, SALT, b'{"text":"hello"}')
    assert (sealed.ct, sealed.cm) == (CT, CM)
    assert decrypt(KEY, ID, SALT, sealed.ciphertext, CM) == b'{"text":"hello"}'


@pytest.mark.parametrize(
    "words", ["", "hello", "카드를 잃어버렸어요", "我的银行卡丢了", "Ik ben mijn bankpas kwijt"]
)
def test_words_of_four_languages_come_back(words: str) -> None:
    sealed = encrypt(KEY, ID, SALT, words.encode())
    assert decrypt(KEY, ID, SALT, sealed.ciphertext, sealed.cm).decode() == words


def test_any_flipped_byte_key_salt_or_id_stays_shut() -> None:
    sealed = encrypt(KEY, ID, SALT, b'{"text":"hello"}')
    for place in range(len(sealed.ciphertext)):
        with pytest.raises(Unreadable):
            decrypt(KEY, ID, SALT, _flip(sealed.ciphertext, place))
    for wrong in ((_flip(KEY, 3), ID, SALT), (KEY, "1" + ID[1:], SALT), (KEY, ID, _flip(SALT, 31))):
        with pytest.raises(Unreadable):
            decrypt(*wrong, sealed.ciphertext)


def test_a_commitment_to_other_words_is_refused() -> None:
    sealed = encrypt(KEY, ID, SALT, b"yes")
    with pytest.raises(Unreadable, match="commits"):
        decrypt(KEY, ID, SALT, sealed.ciphertext, CM)


def test_an_edit_under_a_new_salt_shares_nothing() -> None:
    first, second = encrypt(KEY, ID, SALT, b"same"), encrypt(KEY, ID, b"\x23" * 32, b"same")
    assert first.ct != second.ct and first.cm != second.cm


@pytest.mark.parametrize(
    ("key", "salt", "record"), [(b"short", SALT, ID), (KEY, b"short", ID), (KEY, SALT, "ab")]
)
def test_keys_of_the_wrong_length_are_refused(key: bytes, salt: bytes, record: str) -> None:
    with pytest.raises(ValueError, match="32-byte"):
        encrypt(key, record, salt, b"x")


def test_a_wrapped_key_opens_only_for_its_subject_and_kek() -> None:
    kek = b"\x33" * 32
    wrapped = wrap_key(kek, KEY, SUBJ)
    assert unwrap_key(kek, wrapped, SUBJ) == KEY
    assert wrap_key(kek, KEY, SUBJ) != wrapped  # a fresh nonce each time
    for bad in (
        (b"\x34" * 32, wrapped, SUBJ),
        (kek, wrapped, "c" * 32),
        (kek, _flip(wrapped, 20), SUBJ),
        (kek, b"", SUBJ),
    ):
        with pytest.raises(Unreadable):
            unwrap_key(*bad)


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
