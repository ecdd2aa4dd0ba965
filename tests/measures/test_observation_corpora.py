"""Captured pages: the same findings from a folder, a WARC and a WACZ, from one process, many, and Spark."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bankside.channels import places
from bankside.measures.observation import corpora
from bankside.measures.observation.addresses import Addresses
from tests.measures import captured, corpus
from tests.measures.corpus import Made

TABLE = places.packed(places.known_places())
THERE = {"pyspark": find_spec("pyspark"), "java": shutil.which("java")}
MISSING = ", ".join(f"{name} is not installed" for name, there in THERE.items() if not there)


@pytest.fixture(scope="module")
def pages() -> list[Made]:
    return corpus.pages(42)


@pytest.fixture
def files(pages: list[Made], tmp_path: Path) -> list[Path]:
    """Three WARC files, a WACZ, and a folder of HTML."""
    for number in range(3):
        part = pages[number * 8 : number * 8 + 8]
        (tmp_path / f"{number}.warc.gz").write_bytes(captured.warc(part))
    captured.wacz(tmp_path / "d.wacz", {"data.warc.gz": captured.warc(pages[24:34])})
    captured.folder(pages[34:], tmp_path)
    return corpora.files_in(tmp_path)


def packed(seen: object) -> list[bytes]:
    return list(corpora.lines(seen))  # type: ignore[arg-type]


def test_every_form_gives_every_page(files: list[Path], pages: list[Made], tmp_path: Path) -> None:
    seen = list(corpora.look(files, TABLE, root=tmp_path))
    assert len(seen) == len(pages)
    by_body = {one.sha256: one for one in seen}
    for page in pages[:34]:
        one = next(s for s in seen if s.address == page.address and s.size == len(page.body))
        assert {(f.network, f.handle) for f in one.findings} >= page.own
    assert len(by_body) == len({page.body for page in pages})
    assert {one.file for one in seen} >= {"0.warc.gz", "d.wacz!archive/data.warc.gz"}


def test_packed_and_plain_say_the_same(pages: list[Made], tmp_path: Path) -> None:
    table = Addresses(places.known_places())
    for name, data in (("a.warc.gz", captured.warc(pages)), ("a.warc", captured.warc(pages, packed=False))):
        (tmp_path / name).write_bytes(data)
    first, second = (list(corpora.pages_of(path, table)) for path in corpora.files_in(tmp_path))
    assert [(s.address, s.findings) for s in first] == [(s.address, s.findings) for s in second]
    assert [s.offset for s in first] != [s.offset for s in second]


def test_evidence_stands_where_it_says(pages: list[Made]) -> None:
    from bankside.measures.observation.page import observed

    found = 0
    for page in pages:
        for one in observed(page.body, Addresses(places.known_places()), address=page.address).findings:
            if one.byte >= 0:
                found += 1
                assert page.body.count(b"\n", 0, one.byte) + 1 == one.line
                there = page.body[one.byte : one.byte + 40].replace(b"\\/", b"/")
                assert there.startswith(one.said[:3].encode("ascii", "ignore"))
    assert found > 200


@pytest.mark.timeout(300)
def test_two_processes_give_what_one_gives(files: list[Path], tmp_path: Path) -> None:
    one = packed(corpora.look(files, TABLE, root=tmp_path))
    assert packed(corpora.look(files, TABLE, root=tmp_path, processes=2)) == one


@pytest.mark.long
@pytest.mark.network
@pytest.mark.timeout(600)
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.filterwarnings("ignore")
def test_spark_gives_the_same_byte_for_byte(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)

    here = packed(corpora.look(files, TABLE, root=tmp_path))
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        there = packed(corpora.look_on_spark(spark, files, TABLE, root=tmp_path))
    finally:
        spark.stop()
    assert there == here


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(corpora.NotACorpus, match="holds no HTML"):
        corpora.files_in(tmp_path)
    with pytest.raises(corpora.NotACorpus, match="There is no"):
        corpora.files_in(tmp_path / "nowhere")
    (tmp_path / "a.wacz").write_bytes(b"no zip")
    with pytest.raises(corpora.NotACorpus, match="not a WACZ"):
        list(corpora.look(corpora.files_in(tmp_path), TABLE))


def test_a_warc_that_breaks_off_keeps_what_came_before(pages: list[Made], tmp_path: Path) -> None:
    whole = captured.warc(pages[:6])
    (tmp_path / "torn.warc.gz").write_bytes(whole[: len(whole) - 400])
    seen = list(corpora.look(corpora.files_in(tmp_path), TABLE))
    assert 4 <= len(seen) <= 6


def test_a_page_that_is_too_long_is_cut_and_says_so(
    monkeypatch: pytest.MonkeyPatch, pages: list[Made]
) -> None:
    from bankside.measures.observation import page

    monkeypatch.setattr(page, "BODY_BYTES_MAX", 100)
    seen = page.observed(pages[0].body, Addresses(places.known_places()))
    assert seen.cut and seen.size == len(pages[0].body)
