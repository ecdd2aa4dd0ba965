"""The public address of the logs: what an auditor fetches over HTTP is a log that holds, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bankside.record import clock, published, seal
from bankside.record.log import verify
from bankside.record.log.proofs import check_head, head_of
from bankside.record.log.tiles import Folder, Part, parts_of
from bankside.web import logs
from tests.record.tally import say

pytestmark = pytest.mark.django_db
LOG = "/log/0/2026/"
HEAD = f"{LOG}checkpoint"
TILES_MAX = 20


@pytest.fixture(autouse=True)
def log(settings: Any, tmp_path: Path) -> Iterator[Folder]:
    settings.LOG_FOLDER = tmp_path / "log"
    with clock.frozen(clock.from_iso("2026-11-29T10:00:00Z")):
        yield Folder(tmp_path / "log" / "0" / "2026", tmp_path / "log" / ".new")


def published_words(count: int) -> None:
    say(*(f"말 {i}" for i in range(count)))
    seal.seal_all()


def fetched(into: Path, base: str = LOG) -> Path:
    """A log by its address alone: the head, then each file that a log of its size has."""
    client = Client()
    head = client.get(f"{base}checkpoint")
    parts = list(parts_of(head_of(head.content).size))
    assert head.status_code == 200 and len(parts) < TILES_MAX
    for path, data in [("checkpoint", head.content)] + [
        (part.path, client.get(f"{base}{part.path}").content) for part in parts
    ]:
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_bytes(data)
    return into


def test_a_log_that_is_fetched_over_http_holds(tmp_path: Path) -> None:
    published_words(300)
    copy = fetched(tmp_path / "copy" / "0" / "2026")
    report = verify.verify_folder(copy, published.log_trust())
    assert (report.problems, report.entries, report.believed) == ([], 300, "given")
    tile = copy / "tile" / "0" / "000"
    tile.write_bytes(b"\1" + tile.read_bytes()[1:])
    assert not verify.verify_folder(copy, published.log_trust()).holds


def test_an_auditor_who_keeps_an_old_head_finds_its_files(tmp_path: Path, log: Folder) -> None:
    published_words(10)
    old = Client().get(HEAD).content
    assert check_head(old, published.log_trust()).head.size == 10
    published_words(300)
    assert log.read("tile/0/000.p/10") is None, "it was tidied away"
    for kind in ("0", "entries"):
        part, full = (Client().get(f"{LOG}tile/{kind}/000{end}") for end in (".p/10", ""))
        assert part.status_code == 200 and full.content.startswith(part.content)
    [bundle, tile] = [Client().get(f"{LOG}{part.path}").content for part in parts_of(10)]
    for path, data in (("checkpoint", old), ("tile/0/000.p/10", tile), ("tile/entries/000.p/10", bundle)):
        target = tmp_path / "old" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    assert verify.verify_folder(tmp_path / "old", published.log_trust()).holds


def test_types_and_how_long_they_may_be_kept() -> None:
    published_words(3)
    head, tile = Client().get(HEAD), Client().get(f"{LOG}tile/0/000.p/3")
    assert head["Content-Type"] == "text/plain; charset=utf-8"
    assert head["Cache-Control"] == "public, max-age=1"
    assert tile["Content-Type"] == "application/octet-stream"
    assert tile["Cache-Control"] == "public, max-age=31536000, immutable"
    for response in (head, tile):
        assert not response.cookies and response["Access-Control-Allow-Origin"] == "*"


def test_whoever_has_it_is_told_so() -> None:
    published_words(3)
    for address in (HEAD, f"{LOG}tile/entries/000.p/3"):
        etag = Client().get(address)["ETag"]
        again = Client().get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
    published_words(1)
    assert Client().get(HEAD, headers={"If-None-Match": etag}).status_code == 200


def test_reading_alone_and_without_a_body_when_only_the_head_is_asked_for() -> None:
    published_words(3)
    assert Client().head(HEAD).status_code == 200 and Client().head(HEAD).content == b""
    for method in ("post", "put", "delete", "patch"):
        assert getattr(Client(), method)(HEAD).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/log/0/2026/", "/log/0/2026/checkpoint/", "/log/0/2026/tile/0/000", "/log/0/2026/tile/0/000.p/4",
        "/log/0/2026/tile/0/000.p/03", "/log/0/2026/tile/00/000.p/3", "/log/0/2026/tile/64/000.p/3",
        "/log/0/2026/tile/0/x000/000.p/3", "/log/0/2026/tile/1/000.p/1", "/log/0/2026/tile/0/0.p/3",
        "/log/0/2026/tile/0/001.p/1", "/log/00/2026/checkpoint", "/log/0/02026/checkpoint",
        "/log/1/2026/checkpoint", "/log/0/2027/checkpoint", "/log/-1/2026/checkpoint",
        "/log/0/2026/../2026/checkpoint", "/log/0/2026/%2e%2e/2026/checkpoint", "/log/%D9%A0/2026/checkpoint",
        "/log/0/2026/tile/../checkpoint", "/log/0/2026/tile/0/..%2f000.p/3", "/log/../log/0/2026/checkpoint",
        "/log/trust", "/log/.new/2026/checkpoint", "/log/0/2026/%00", "/log/0/2026/tile/0/000.p/3%0a",
        "/log/0/2026/tile/0/" + "x000/" * 2000 + "000", "/log/0/2026/tile/entries/000.p/256",
    ],
)  # fmt: skip
def test_what_is_not_published_is_not_there(path: str) -> None:
    published_words(3)
    assert Client().get(path).status_code == 404


def test_files_that_wait_for_their_head_are_not_there_yet(log: Folder) -> None:
    published_words(3)
    log.write("tile/0/000.p/4", bytes(128))
    assert Client().get(f"{LOG}tile/0/000.p/4").status_code == 404
    assert logs.promised(log, Part("tile/0/000.p/4", 0, 0, 4), 4) == bytes(128)


def test_nothing_is_there_before_the_first_head() -> None:
    assert Client().get(HEAD).status_code == 404
