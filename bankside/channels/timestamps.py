"""Time-stamps by RFC 3161: an authority signs, with its own clock, the digest of the text of a head.

What is asked goes out with a number made by chance, which the answer must bear; it must be of this text, and
its certificate must lead to a root that the bank has named. Nothing here touches a database.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from bankside.channels.der_sets import in_order
from bankside.networks.wire import Wire
from bankside.record import evidence
from bankside.said import Said

if TYPE_CHECKING:
    import httpx

SETTING = "BANKSIDE_TIMESTAMPERS"
ANSWER_SECONDS_MAX = 8.0
ANSWER_BYTES_MAX = 65_536
ROOTS_BYTES_MAX = 1_000_000
SHA256 = "2.16.840.1.101.3.4.2.1"
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class NotStamped(RuntimeError):
    """The answer is no time-stamp that can be believed; the message says why."""


class Authority(NamedTuple):
    """A time-stamp authority: its name here, its address, and the file with the roots to believe (PEM)."""

    name: str
    url: str
    roots: Path


class Stamp(NamedTuple):
    """The answer in DER, and the time in it (UTC ms)."""

    der: bytes
    at: int


def authorities() -> list[Authority]:
    """Those of BANKSIDE_TIMESTAMPERS; raises ValueError or OSError when that file cannot be read."""
    tables = evidence.tables_of(settings.TIMESTAMPERS, SETTING)
    beside = Path(settings.TIMESTAMPERS).parent
    found = []
    for name, table in tables.items():
        url, roots = str(table.get("url", "")), str(table.get("roots", ""))
        if not url.startswith(("https://", "http://")) or not roots:
            raise ValueError(f"{SETTING}: [{name}] needs url and roots")
        found.append(Authority(name, url, beside / roots))
    return found


def ask(authority: Authority, text: str, *, transport: httpx.BaseTransport | None = None) -> Stamp:
    """Has a text stamped now. Raises NotStamped, what the wire raises, OSError and ValueError for roots."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256)
    wanted = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    wire = Wire(
        [urlsplit(authority.url).netloc], private_hosts=settings.WIRE_PRIVATE_HOSTS, transport=transport
    )
    answer = wire.post(
        authority.url, content=wanted.as_bytes(), headers={"content-type": QUERY, "accept": REPLY},
        deadline_seconds=ANSWER_SECONDS_MAX, bytes_max=ANSWER_BYTES_MAX,
    )  # fmt: skip
    return Stamp(answer.content, checked(answer.content, text, authority.roots, nonce=wanted.nonce))


def checked(der: bytes, text: str, roots: Path, *, nonce: int | None = None) -> int:
    """The time (UTC ms) of an answer that holds for this text; raises NotStamped, OSError or ValueError.

    Without `nonce` it is one that was kept: which request it answered is not known any more.
    """
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    with roots.open("rb") as file:
        believed = x509.load_pem_x509_certificates(file.read(ROOTS_BYTES_MAX))
    try:
        answer = decode_timestamp_response(in_order(der))
        if answer.status:
            raise NotStamped(
                Said("It refused to sign: %(why)s", why=_why(answer.status_string, answer.status))
            )
        if answer.tst_info.message_imprint.hash_algorithm.dotted_string != SHA256:
            raise NotStamped(Said("The time-stamp is not over SHA-256."))
        VerifierBuilder(roots=believed, nonce=nonce).build().verify_message(answer, text.encode())
    except VerificationError as wrong:
        raise NotStamped(Said("The time-stamp does not hold: %(why)s", why=str(wrong)[:120])) from None
    except (
        ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    ) as wrong:  # fmt: skip
        raise NotStamped(
            Said("The answer is no time-stamp (%(error)s).", error=type(wrong).__name__)
        ) from None
    return int(answer.tst_info.gen_time.timestamp() * 1000)


def _why(words: list[str], status: int) -> str:
    said = " ".join(words) or str(status)
    return "".join(letter if letter.isprintable() else " " for letter in said)[:120]
