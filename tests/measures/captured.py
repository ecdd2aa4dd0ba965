"""Files of captured pages for tests: folders, WARC and WACZ."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tests.measures.corpus import Made


def warc(pages: Iterable[Made], *, packed: bool = True) -> bytes:
    """A WARC file, record by record, with a request and a picture among the answers."""
    whole = b""
    for number, page in enumerate(pages):
        picture = ("response", b"\x89PNG", "image/png")
        for kind, body, content_type in (
            ("request", b"", ""),
            ("response", page.body, page.content_type),
            picture,
        ):
            record = _record(number, kind, page.address, body, content_type)
            whole += gzip.compress(record, 1, mtime=0) if packed else record
    return whole


def wacz(path: Path, parts: dict[str, bytes]) -> None:
    """A WACZ file: a ZIP file with the WARC files stored as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("datapackage.json", "{}")
        for name, data in parts.items():
            archive.writestr(f"archive/{name}", data)


def folder(pages: Iterable[Made], at: Path) -> None:
    """Pages as files, in folders that are called by their hosts."""
    for number, page in enumerate(pages):
        (at / page.host).mkdir(parents=True, exist_ok=True)
        (at / page.host / f"p{number}.html").write_bytes(page.body)


def _record(number: int, kind: str, address: str, body: bytes, content_type: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    content = b"GET / HTTP/1.1\r\nHost: x.example\r\n\r\n" if kind == "request" else head + body
    fields = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012x}>"
        "\r\n"
        f"WARC-Date: 2026-11-01T00:00:0{number % 10}Z\r\nWARC-Target-URI: {address}\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return fields.encode() + content + b"\r\n\r\n"
