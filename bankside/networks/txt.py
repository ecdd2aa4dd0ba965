"""What a domain says in its TXT records: one question to the resolver of this machine, over TCP.

Over TCP an answer is never cut off and nobody can slip one in from outside. No library is needed for a
question with one kind of answer (RFC 1035, RFC 7766).
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from bankside.networks.failures import Gone, Later, Refused
from bankside.said import Said

RESOLV = Path("/etc/resolv.conf")
RESOLVERS_MAX = 3
RESOLV_BYTES_MAX = 65_536
SECONDS_MAX = 4.0
RECORDS_MAX = 100
NAME_BYTES_MAX = 253
LABEL_BYTES_MAX = 63
NAMES_PER_ANSWER_MAX = 128
TXT, IN = 16, 1
WAIT_SECONDS = 60.0


def records_of(domain: str, resolvers: tuple[str, ...] = ()) -> list[str]:
    """The TXT records of a domain, the parts of each joined. At most 100.

    `resolvers`: `address` or `address:port`; none: those of this machine. Raises Gone for a domain that is
    not there, Later when nobody answers, Refused for what is no domain.
    """
    question = _question(domain)
    for resolver in (resolvers or _of_this_machine())[:RESOLVERS_MAX]:
        try:
            return list(_answers(_asked(resolver, question), question))
        except (OSError, struct.error, IndexError, UnicodeError):
            continue
    raise Later(WAIT_SECONDS, Said("Nobody tells what %(domain)s says of itself now.", domain=domain))


def _question(domain: str) -> bytes:
    """A whole query; recursion is desired."""
    try:
        labels = domain.strip(".").encode("idna").split(b".")
    except UnicodeError:
        labels = []
    fine = labels and all(0 < len(label) <= LABEL_BYTES_MAX for label in labels)
    if not fine or sum(map(len, labels)) + len(labels) > NAME_BYTES_MAX:
        raise Refused(Said("'%(domain)s' is not the name of a domain.", domain=domain))
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    head = struct.pack("!6H", secrets.randbelow(65_536), 0x0100, 1, 0, 0, 0)
    return head + name + struct.pack("!2H", TXT, IN)


def _asked(resolver: str, question: bytes) -> bytes:
    """The answer of one resolver, within a few seconds in all."""
    host, _, port = resolver.rpartition(":") if resolver.count(":") == 1 else (resolver, "", "53")
    ends = time.monotonic() + SECONDS_MAX
    with socket.create_connection((host, int(port)), timeout=SECONDS_MAX) as stream:
        stream.sendall(struct.pack("!H", len(question)) + question)
        (length,) = struct.unpack("!H", _exactly(stream, 2, ends))
        return _exactly(stream, length, ends)


def _exactly(stream: socket.socket, length: int, ends: float) -> bytes:
    found = b""
    while len(found) < length:
        stream.settimeout(max(ends - time.monotonic(), 0.001))
        part = stream.recv(length - len(found))
        if not part:
            raise ConnectionError("the resolver ended in the middle")
        found += part
    return found


def _answers(answer: bytes, question: bytes) -> Iterator[str]:
    """TXT records in the answer to this very question."""
    number, flags, questions, answers, _, _ = struct.unpack("!6H", answer[:12])
    if number != struct.unpack("!H", question[:2])[0] or not flags & 0x8000 or questions != 1:
        raise ConnectionError("this is no answer to what was asked")
    match flags & 0x000F:
        case 0:
            pass
        case 3:
            raise Gone(Said("There is no such domain."))
        case code:
            raise ConnectionError(f"the resolver does not tell ({code})")
    at = _after_name(answer, 12) + 4
    for _ in range(min(answers, RECORDS_MAX)):
        at = _after_name(answer, at)
        kind, net, _, length = struct.unpack("!2HIH", answer[at : at + 10])
        at += 10
        if (kind, net) == (TXT, IN):
            yield _text(answer[at : at + length])
        at += length


def _after_name(answer: bytes, at: int) -> int:
    """Where a name ends. It may end by pointing at another; where to is not asked here."""
    for _ in range(NAMES_PER_ANSWER_MAX):
        size = answer[at]
        if size >= 0xC0:
            return at + 2
        at += 1 + size
        if not size:
            return at
    raise IndexError("a name without an end")


def _text(data: bytes) -> str:
    parts, at = [], 0
    while at < len(data):
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts).decode("utf-8", "replace")


def _of_this_machine() -> tuple[str, ...]:
    try:
        text = RESOLV.read_text(errors="replace")[:RESOLV_BYTES_MAX]
    except OSError:
        return ()
    lines = [line.split() for line in text.splitlines()]
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver")
