"""What WeChat sends to a hook: a flat XML document, plain or encrypted. Pure, and nothing in it is trusted.

Encryption (developers.weixin.qq.com, message encryption; read 2026-11-28): AES-256-CBC, the key is the base64
text EncodingAESKey with `=`, its first 16 bytes are the IV, PKCS#7 to blocks of 32. In the clear: 16 random
bytes, the length of the message in 4 bytes, the message, the app id.
"""

from __future__ import annotations

import base64
import binascii
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bankside.networks.contract import Forged, Refused
from bankside.said import Said

KEY_LENGTH = 43
BLOCK_BYTES = 32
HEAD_BYTES = 20
DEPTH_MAX = 8
FIELDS_MAX = 200


class _Broken(Exception):
    """The document has what no message of WeChat has."""


class _Reader:
    """The texts of the elements right below the root; what lies deeper is passed over."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > DEPTH_MAX or len(self.fields) > FIELDS_MAX:
            raise _Broken
        self._text = []

    def end(self, name: str) -> None:
        if len(self._path) == 2:
            if name in self.fields:  # two readers could take two different ones
                raise _Broken
            self.fields[name] = "".join(self._text).strip()
        self._path.pop()
        self._text = []

    def data(self, text: str) -> None:
        self._text.append(text)


def fields_of(document: bytes) -> dict[str, str]:
    """Element names and texts of a document. Raises Refused for anything that declares a type or an entity,
    is nested deeply, or is no XML in UTF-8."""
    parser, reader = expat.ParserCreate(encoding="utf-8"), _Reader()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.buffer_text = reader.data, True
    # Without a document type there are no entities but the five of XML: nothing grows, nothing is fetched.
    parser.StartDoctypeDeclHandler = _forbidden
    parser.EntityDeclHandler = _forbidden
    parser.ExternalEntityRefHandler = _forbidden
    parser.ProcessingInstructionHandler = _forbidden
    try:
        document.decode()  # a byte order mark would win over the encoding that is given
        parser.Parse(document, True)
    except (expat.ExpatError, _Broken, ValueError):
        raise Refused(Said("The body is not a message of WeChat.")) from None
    return reader.fields


def opened(encrypted: str, message_key: str, app_id: str) -> bytes:
    """The message in the clear; the signature over `encrypted` was checked before. Raises Refused for what
    cannot be opened with this key, Forged for a message to another account."""
    plain = _deciphered(encrypted, key_of(message_key))
    length = int.from_bytes(plain[16:20], "big")
    message, whose = plain[HEAD_BYTES:][:length], plain[HEAD_BYTES + length :]
    if len(plain) < HEAD_BYTES or len(message) != length:
        raise Refused(Said("The message cannot be opened with the message key."))
    if whose.decode("utf-8", "replace") != app_id:
        raise Forged(Said("The message is for another account."))
    return message


def key_of(message_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey. Raises Refused for what is none."""
    try:
        key = base64.b64decode(f"{message_key}=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(message_key) != KEY_LENGTH or len(key) != BLOCK_BYTES:
        raise Refused(Said("The message key must be the 43 letters and digits of the server configuration."))
    return key


def _deciphered(encrypted: str, key: bytes) -> bytes:
    try:
        sealed = base64.b64decode(encrypted, validate=True)
        made = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
        plain = made.update(sealed) + made.finalize()
    except (binascii.Error, ValueError):
        plain = b""
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= BLOCK_BYTES or plain[-padding:] != bytes([padding]) * padding:
        raise Refused(Said("The message cannot be opened with the message key."))
    return plain[:-padding]


def _forbidden(*_: object) -> int:
    raise _Broken
