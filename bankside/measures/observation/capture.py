"""Pages that were fetched, as one WARC file (ISO 28500, version 1.1) that others can read.

Each page is a request and its answer, each record packed by itself. Of the headers of an answer only those
stand there that the desk keeps: no cookies, nothing of who asked but the name of the desk.
"""

from __future__ import annotations

import gzip
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

PAGES_MAX: Final = 10_000
LEVEL: Final = 6
ACCEPT: Final = "text/html,application/xhtml+xml"
UNSAFE: Final = re.compile(r"[\x00-\x20\x7f]+")
ABOUT: Final = (
    "software: Bankside\r\nformat: WARC File Format 1.1\r\n"
    "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
    "http-header-user-agent: {agent}\r\nrobots: obey\r\n"
    "description: Public pages. Of each answer its type, length, tag and date of change are kept, no other "
    "headers; a page that its site said had not changed stands here as it came before.\r\n"
)


class Page(Protocol):
    """What is told of a page: `at_ms` in UTC, `sha256` of its body in hexadecimal digits."""

    @property
    def url(self) -> str: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def content_type(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def etag(self) -> str: ...
    @property
    def modified(self) -> str: ...


def write(path: Path, pages: Iterable[tuple[Page, bytes]], *, agent: str) -> int:
    """One file of all pages, whole or not at all; how many. `agent`: the user agent that asked for them.

    The same pages give the same bytes. Over 10,000 pages nothing is added any more.
    """
    half, count = path.with_name(f"{path.name}.half"), 0
    with half.open("wb") as stream:
        for page, body in pages:
            if count == 0:
                stream.write(_packed(_info(path.name, page.at_ms, agent)))
            if count == PAGES_MAX:
                break
            count += 1
            for record in _records(page, body, agent):
                stream.write(_packed(record))
    if count:
        half.replace(path)
    else:
        half.unlink()
    return count


def _info(name: str, at_ms: int, agent: str) -> bytes:
    fields = {"WARC-Filename": name, "Content-Type": "application/warc-fields"}
    return _record("warcinfo", f"{name} {at_ms}", at_ms, fields, ABOUT.format(agent=_line(agent)).encode())


def _records(page: Page, body: bytes, agent: str) -> tuple[bytes, bytes]:
    """The request, and the answer to it."""
    name = f"{page.url} {page.at_ms} {page.sha256}"
    target = {"WARC-Target-URI": _line(page.url)}
    asked = target | {
        "WARC-Concurrent-To": _identity("response", name),
        "Content-Type": "application/http; msgtype=request",
    }
    came = target | {
        "WARC-Payload-Digest": f"sha256:{page.sha256}", "Content-Type": "application/http; msgtype=response",
    }  # fmt: skip
    return (
        _record("request", name, page.at_ms, asked, _request(page.url, agent)),
        _record("response", name, page.at_ms, came, _answer(page, body)),
    )


def _request(url: str, agent: str) -> bytes:
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else ""
    )
    host = _line(parts.netloc.rpartition("@")[2])
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", f"User-Agent: {_line(agent)}", f"Accept: {ACCEPT}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _answer(page: Page, body: bytes) -> bytes:
    said = {"Content-Type": page.content_type, "ETag": page.etag, "Last-Modified": page.modified}
    lines = "".join(f"{name}: {_line(value)}\r\n" for name, value in said.items() if value)
    return f"HTTP/1.1 200 OK\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode("utf-8", "replace") + body


def _record(kind: str, name: str, at_ms: int, fields: dict[str, str], content: bytes) -> bytes:
    date = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = {
        "WARC-Type": kind, "WARC-Record-ID": _identity(kind, name), "WARC-Date": date, **fields,
        "Content-Length": str(len(content)),
    }  # fmt: skip
    lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode("utf-8", "replace") + content + b"\r\n\r\n"


def _identity(kind: str, name: str) -> str:
    """The same for the same record, so that nothing counts twice."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{kind} {name}')}>"


def _line(value: str) -> str:
    """In one line, whatever it was."""
    return UNSAFE.sub(" ", value).strip()


def _packed(record: bytes) -> bytes:
    return gzip.compress(record, LEVEL, mtime=0)
