"""The observer over a WARC file, against reading the same file with the same parser and no more.

The bare limit: fastwarc iterates over the response records (gzip, HTTP parsed), each body is read and decoded
to text as the observer decodes it, selectolax (Lexbor) parses it, and its text is taken out. The observer
does all that too, looks for accounts, and hashes every body. Both run in this process alone, in turns, each
timed by the time of its processor. The share is the median over seven rounds, each of one run of both: a
machine that changes its pace between rounds changes both. The rate is that of the best round.

The pages are invented and like those of institutions: about 65,000 bytes of menus, paragraphs, pictures and
scripts, 140 links, a row of accounts, linked data. Every page is another.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from bankside.measures.observation.addresses import Addresses

T = TypeVar("T")
ROUNDS = 7
FILES = 4
LINKS = 140
SCRIPTS = 12
BLOCKS = 40
ACCOUNTS = 6
WORDS = ("rates", "account", "branch", "savings", "today", "service", "customer", "annual", "report", "loan")
KOREAN = ("금리", "계좌", "지점", "예금", "오늘", "고객", "안내", "보안", "공지", "카드", "대출")
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n"
FIELDS = (
    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{0:012x}>\r\n"
    "WARC-Date: 2026-11-01T00:00:00Z\r\nWARC-Target-URI: https://www.bank{0}.example/\r\n"
    "Content-Type: application/http; msgtype=response\r\nContent-Length: {1}\r\n\r\n"
)


def measure(size: int) -> dict[str, float]:
    """Over `size` pages in one WARC file: `observe-against-bare`, the observer's speed as a share of the bare
    limit's, and `observe-rate` in pages a second on one core.

    With BANKSIDE_BENCH_SPARK=1 files of pages on Spark as well: `observe-spark-seconds`; it fails when
    anything that was seen is another there.
    """
    from bankside.channels import places
    from bankside.measures.observation import corpora
    from bankside.measures.observation.addresses import Addresses

    table = Addresses(places.known_places())
    known = _addresses(table)
    with TemporaryDirectory(prefix="bankside-observe-") as folder:
        path = Path(folder) / "pages.warc.gz"
        path.write_bytes(archive(size, known))
        pairs = []
        for _ in range(ROUNDS):
            count, bare_seconds = _timed(lambda: _bare(path))
            pages, seconds = _timed(lambda: list(corpora.pages_of(path, table)))
            assert count == len(pages) == size
            assert all(len(page.findings) >= ACCOUNTS for page in pages)
            pairs.append((bare_seconds, seconds))
    share = statistics.median(bare / ours for bare, ours in pairs)
    figures = {"observe-against-bare": share, "observe-rate": size / min(ours for _, ours in pairs)}
    if os.environ.get("BANKSIDE_BENCH_SPARK"):
        figures["observe-spark-seconds"] = _on_spark(max(1, size // FILES), known)
    return figures


def _on_spark(each: int, known: list[str]) -> float:
    """Seconds on Spark for FILES files of `each` pages, which here give the same, byte for byte."""
    from pyspark.sql import SparkSession

    from bankside.channels import places
    from bankside.measures.observation import corpora

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    table = places.packed(places.known_places())
    with TemporaryDirectory(prefix="bankside-observe-") as folder:
        files = [Path(folder) / f"{number}.warc.gz" for number in range(FILES)]
        for number, path in enumerate(files):
            path.write_bytes(archive(each, known, first=number * each))
        here = list(corpora.lines(corpora.look(files, table)))
        spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        try:
            started = time.perf_counter()
            there = list(corpora.lines(corpora.look_on_spark(spark, files, table)))
            seconds = time.perf_counter() - started
        finally:
            spark.stop()
    assert there == here and len(here) == each * FILES
    return seconds


def _bare(path: Path) -> int:
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from selectolax.lexbor import LexborHTMLParser

    from bankside.measures.observation.decoding import decoded

    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            kind = record.http_headers.get("Content-Type") or ""
            text, _ = decoded(record.reader.read(), kind)
            count += bool(LexborHTMLParser(text).text(deep=True))
    return count


def archive(size: int, known: list[str], first: int = 0) -> bytes:
    """A WARC file with so many pages, packed record by record. `known`: addresses of accounts."""
    whole = io.BytesIO()
    for number in range(first, first + size):
        body = page(random.Random(number), known).encode()
        content = HEAD.format(len(body)).encode() + body
        record = FIELDS.format(number, len(content)).encode() + content + b"\r\n\r\n"
        whole.write(gzip.compress(record, 6, mtime=0))
    return whole.getvalue()


def page(chance: random.Random, known: list[str]) -> str:
    """One invented page."""
    own = [
        one.replace("{handle}", f"bank{chance.randrange(10**6)}") for one in chance.sample(known, ACCOUNTS)
    ]
    data = json.dumps({"@type": "Organization", "name": "A bank", "sameAs": own[:3]})
    metas = "".join(f'<meta property="og:p{n}" content="{_words(chance, 6)}">' for n in range(15))
    accounts = "".join(
        f'<li><a href="{one}" rel="noopener"><img src="/i.svg" alt=""></a></li>' for one in own
    )
    return "".join(
        [
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_words(chance, 4)}</title>',
            f'{metas}<script type="application/ld+json">{data}</script></head><body><header><nav><ul>',
            *(_menu(chance, number) for number in range(LINKS)),
            "</ul></nav></header><main>",
            *(_block(chance, number) for number in range(BLOCKS)),
            f'</main><footer class="footer"><ul class="social">{accounts}</ul></footer>',
            *(f"<script>{_script(chance)}</script>" for _ in range(SCRIPTS)),
            "</body></html>",
        ]
    )


def _addresses(table: Addresses) -> list[str]:
    """Forms of addresses, one for each network that has such."""
    every = [place.known_by.address for place in table.places.values()]
    return [one for one in every if table.found(one.replace("{handle}", "bank1234"))]


def _menu(chance: random.Random, number: int) -> str:
    return (
        f'<li class="menu__item menu__item--{number}" data-track="m{number}"><a class="menu__link" '
        f'href="/{_word(chance)}/{number}.html"><span class="menu__text">{_words(chance, 3)}</span></a></li>'
    )


def _block(chance: random.Random, number: int) -> str:
    return (
        f'<section class="block block--{number}" id="b{number}"><h2 class="block__title">{_words(chance, 5)}'
        f'</h2><div class="row"><div class="col"><p>{_words(chance, 50)}</p><p lang="ko">'
        f'{_words(chance, 12, KOREAN)}</p><img loading="lazy" src="/img/{number}.jpg" width="640" '
        f'alt="{_words(chance, 3)}"></div></div></section>'
    )


def _script(chance: random.Random) -> str:
    lines = (
        f'window.cfg{chance.randrange(99)}={{"id":{chance.randrange(9999)},"name":"{_word(chance)}","on":true}};'
        f"function f{chance.randrange(999)}(a,b){{return a.x>b.y?a.x:document.querySelector('{number}')}}"
        for number in range(8)
    )
    return "\n".join(lines)


def _words(chance: random.Random, count: int, words: tuple[str, ...] = WORDS) -> str:
    return " ".join(chance.choice(words) for _ in range(count))


def _word(chance: random.Random) -> str:
    return chance.choice(WORDS)


def _timed(what: Callable[[], T]) -> tuple[T, float]:
    started = time.process_time()
    done = what()
    return done, time.process_time() - started
