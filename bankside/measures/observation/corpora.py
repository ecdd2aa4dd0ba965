"""Captured pages, from folders of HTML, WARC and WACZ, looked at on one machine or on many.

A file is a task: it is looked at from beginning to end by one process, and results are put in the order of
files and of records in them. So one process, many, and a Spark job give the same, byte for byte.
"""

from __future__ import annotations

import gc
import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import msgspec
from fastwarc.warc import ArchiveIterator, WarcRecordType

from bankside.channels import places
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.finding import Seen
from bankside.measures.observation.page import BODY_BYTES_MAX, observed
from bankside.said import Said

FILES_MAX: Final = 1_000_000
RECORDS_MAX: Final = 5_000_000
PARTS_MAX: Final = 10_000
PROCESSES_MAX: Final = 64
RECORD_BYTES_MAX: Final = 64_000_000
COLLECTED_EVERY: Final = 200_000
HTML_TYPES: Final = ("text/html", "application/xhtml+xml")
PAGES: Final = frozenset({".html", ".htm", ".xhtml"})
ARCHIVES: Final = (".warc", ".warc.gz", ".warc.zst")
CANONICAL: Final = re.compile(
    rb"""<link[^>]{0,300}rel\s*=\s*["']?canonical["']?[^>]{0,300}?href\s*=\s*["']([^"'<>\s]{8,1000})["']"""
    rb"""|<meta[^>]{0,100}property\s*=\s*["']og:url["'][^>]{0,100}?content\s*=\s*["']([^"'<>\s]{8,1000})["']""",
    re.IGNORECASE,
)
HEAD_BYTES: Final = 20_000


class NotACorpus(ValueError):
    """What was named holds no pages that can be read; the message says which."""


def files_in(path: Path) -> list[Path]:
    """Files with pages: the one named, or all in a folder and under it, in order. Raises NotACorpus."""
    if not path.exists():
        raise NotACorpus(Said("There is no %(path)s.", path=path))
    every = [path] if path.is_file() else sorted(path.rglob("*"))
    found = [one for one in every if one.is_file() and _is_read(one)][:FILES_MAX]
    if not found:
        raise NotACorpus(Said("%(path)s holds no HTML, WARC or WACZ files.", path=path))
    return found


def look(
    paths: Sequence[Path], table: bytes, *, root: Path | None = None, processes: int = 1
) -> Iterator[Seen]:
    """The pages of all files, in order. `table`: `channels.places.packed`. `root`: names begin there."""
    task = partial(_packed_file, table=table, root=root)
    if processes <= 1 or len(paths) < 2:
        for path in paths:
            yield from _unpacked(task(path))
        return
    with ProcessPoolExecutor(min(processes, PROCESSES_MAX), get_context("spawn")) as pool:
        for lines in pool.map(task, paths):
            yield from _unpacked(lines)


def look_on_spark(
    spark: Any, paths: Sequence[Path], table: bytes, *, root: Path | None = None
) -> Iterator[Seen]:
    """The same as a job of Spark, whose machines must all see the files under the same names."""
    context = spark.sparkContext
    parts = max(1, min(len(paths), 4 * context.defaultParallelism))
    rows = context.parallelize(list(enumerate(str(path) for path in paths)), parts).mapPartitions(
        partial(_partition, table=table, root=str(root) if root else "")
    )
    for _, lines in sorted(rows.collect()):
        yield from _unpacked(lines)


def pages_of(path: Path, table: Addresses, *, root: Path | None = None) -> Iterator[Seen]:
    """The pages of one file, in its order."""
    with _seldom_collected():
        yield from _pages_of(path, table, root)


def _pages_of(path: Path, table: Addresses, root: Path | None) -> Iterator[Seen]:
    name = str(path.relative_to(root)) if root else str(path)
    if path.suffix.lower() in PAGES:
        yield _page_file(path, name, table)
    elif path.suffix.lower() == ".wacz":
        yield from _wacz(path, name, table)
    else:
        with path.open("rb") as stream:
            yield from _warc(stream, name, table)


def lines(pages: Iterable[Seen]) -> Iterator[bytes]:
    """Each as a line of JSON."""
    return (msgspec.json.encode(page) for page in pages)


def observe_folder(path: Path, *, processes: int = 1) -> list[Seen]:
    """All pages under a path, with the table of networks of this house. Raises NotACorpus."""
    root = path if path.is_dir() else path.parent
    table = places.packed(places.known_places())
    return list(look(files_in(path), table, root=root, processes=processes))


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """The collector of cycles looks through everything that is alive each time; pages make few cycles."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED_EVERY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


# --- one file --------------------------------------------------------------------------------------------
def _page_file(path: Path, name: str, table: Addresses) -> Seen:
    with path.open("rb") as stream:
        body = stream.read(BODY_BYTES_MAX + 1)
    modified_ms = path.stat().st_mtime_ns // 1_000_000
    seen = observed(body, table, address=_address(name, body), at_ms=modified_ms)
    return msgspec.structs.replace(seen, file=name)


def _address(name: str, body: bytes) -> str:
    """Of a file in a folder that is called by a host: so; else what the page says of itself."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if len(parts) > 1 and "." in parts[0]:
        rest = "/".join(parts[1:])
        return f"https://{parts[0].lower()}/{'' if rest in {'index.html', 'index.htm'} else rest}"
    match = CANONICAL.search(body[:HEAD_BYTES])
    return (match[1] or match[2]).decode("utf-8", "replace") if match else ""


def _wacz(path: Path, name: str, table: Addresses) -> Iterator[Seen]:
    """The WARC files in a WACZ (a ZIP file, specs.webrecorder.net/wacz/1.1.1), by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            inner = sorted(one for one in archive.namelist() if one.lower().endswith(ARCHIVES))[:PARTS_MAX]
            for one in inner:
                with archive.open(one) as stream:
                    yield from _warc(stream, f"{name}!{one}", table)
    except zipfile.BadZipFile:
        raise NotACorpus(Said("%(path)s is not a WACZ file.", path=name)) from None


def _warc(stream: IO[bytes], name: str, table: Addresses) -> Iterator[Seen]:
    """Pages of one WARC file: answers that brought HTML. One that cannot be read to its end ends there."""
    records = ArchiveIterator(
        stream, record_types=WarcRecordType.response | WarcRecordType.resource, parse_http=True,
        max_content_length=RECORD_BYTES_MAX, fsspec_args=False,
    )  # fmt: skip
    count = 0
    try:
        for record in records:
            count += 1
            if count > RECORDS_MAX:
                return
            if seen := _record(record, table):
                yield msgspec.structs.replace(seen, file=name, offset=record.stream_pos)
    except (OSError, ValueError) as broken:
        if not count:
            raise NotACorpus(
                Said("%(path)s cannot be read as WARC: %(error)s", path=name, error=str(broken)[:200])
            ) from broken


def _record(record: Any, table: Addresses) -> Seen | None:
    """What one record shows; None when it is no page."""
    http = record.http_headers
    kind = (http.get("Content-Type") if http else record.headers.get("Content-Type")) or "text/html"
    if (http and http.status_code != 200) or not kind.lower().startswith(HTML_TYPES):
        return None
    body = record.reader.read(BODY_BYTES_MAX + 1)
    date = record.record_date
    at_ms = round(date.timestamp() * 1000) if date else 0
    address = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    return observed(body, table, address=address, content_type=kind, at_ms=at_ms)


# --- in other processes ----------------------------------------------------------------------------------
_tables: dict[str, Addresses] = {}


def _table(packed: bytes) -> Addresses:
    """Made ready once for a process."""
    name = hashlib.sha256(packed).hexdigest()
    if name not in _tables:
        _tables[name] = Addresses(places.unpacked(packed))
    return _tables[name]


def _packed_file(path: Path, *, table: bytes, root: Path | None) -> list[bytes]:
    return list(lines(pages_of(path, _table(table), root=root)))


def _partition(
    named: Iterable[tuple[int, str]], *, table: bytes, root: str
) -> Iterator[tuple[int, list[bytes]]]:
    for number, path in named:
        yield number, _packed_file(Path(path), table=table, root=Path(root) if root else None)


def _unpacked(packed: Iterable[bytes]) -> Iterator[Seen]:
    return (msgspec.json.decode(one, type=Seen) for one in packed)


def _is_read(path: Path) -> bool:
    name = path.name.lower()
    return path.suffix.lower() in PAGES or path.suffix.lower() == ".wacz" or name.endswith(ARCHIVES)
