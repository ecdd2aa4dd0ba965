"""Pages that were fetched, as WARC: others can read it, and looking at it again gives the same findings."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.channels import observed as outside
from bankside.channels import places
from bankside.measures import study_looking
from bankside.measures.observation import capture, corpora
from bankside.measures.observation import study as observation
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.finding import Seen
from bankside.measures.observation.institution import Institution, accounts
from bankside.measures.observation.page import observed
from tests.measures import corpus

AGENT = "Bankside (+https://desk.hanul.example/)"
TABLE = Addresses(places.known_places())


def kept(url: str, body: bytes, content_type: str = "text/html", **more: object) -> outside.Kept:
    said = {"at_ms": 1_793_491_200_123, "status": 200, "size": len(body), **more}
    digest = hashlib.sha256(body).hexdigest()
    return outside.Kept(url=url, content_type=content_type, sha256=digest, **said)  # type: ignore[arg-type]


def fetched(count: int = 40) -> list[tuple[outside.Kept, bytes]]:
    pages = corpus.pages(count)
    return [(kept(p.address, p.body, p.content_type, at_ms=10**12 + n), p.body) for n, p in enumerate(pages)]


def looked_at(pages: list[tuple[outside.Kept, bytes]]) -> list[Seen]:
    return [
        observed(body, TABLE, address=one.url, content_type=one.content_type, at_ms=one.at_ms)
        for one, body in pages
    ]


def without_place(seen: list[Seen]) -> list[Seen]:
    from msgspec.structs import replace

    return [replace(one, file="", offset=0) for one in seen]


def test_looking_at_it_again_gives_the_same(tmp_path: Path) -> None:
    pages = fetched()
    assert capture.write(tmp_path / "a.warc.gz", pages, agent=AGENT) == len(pages)
    assert [one.name for one in tmp_path.iterdir()] == ["a.warc.gz"]
    again = corpora.observe_folder(tmp_path / "a.warc.gz")
    assert without_place(again) == looked_at(pages)
    assert corpora.observe_folder(tmp_path) == again
    assert sum(len(one.findings) for one in again) > 100


def test_evidence_of_an_institution_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    pages = fetched(6)
    capture.write(tmp_path / "a.warc.gz", pages, agent=AGENT)
    who = Institution(name="Hanul Bank", hosts=(corpus.pages(1)[0].host,))

    def lines(seen: list[Seen]) -> list[bytes]:
        one = observation.Observed(who=who, pages=len(seen), accounts=accounts(who, seen, TABLE))
        return list(observation.evidence([one]))

    first = lines(looked_at(pages))
    assert first and lines(corpora.observe_folder(tmp_path)) == first


def test_every_record_is_packed_by_itself_and_says_what_it_is(tmp_path: Path) -> None:
    pages = fetched(3)
    path = tmp_path / "a.warc.gz"
    capture.write(path, pages, agent=AGENT)
    with path.open("rb") as stream:
        kinds = [
            (record.record_type, record.stream_pos)
            for record in ArchiveIterator(stream, record_types=WarcRecordType.any_type)
        ]
    asked, came = WarcRecordType.request, WarcRecordType.response
    assert [kind for kind, _ in kinds] == [WarcRecordType.warcinfo, *[asked, came] * 3]
    data = path.read_bytes()
    assert all(data[at : at + 2] == b"\x1f\x8b" for _, at in kinds)


def test_requests_name_the_desk_and_answers_have_their_digest(tmp_path: Path) -> None:
    url = "https://hanul.example/%EC%97%B0%EB%9D%BD?a=1&b=2"
    body = "<p>연락</p>".encode()
    page = kept(url, body, "text/html; charset=utf-8", etag='"a1"', modified="Sun, 01 Nov 2026 00:00:00 GMT")
    capture.write(tmp_path / "a.warc.gz", [(page, body)], agent=AGENT)
    with (tmp_path / "a.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.any_type, parse_http=True):
            if record.record_type == WarcRecordType.warcinfo:
                assert f"http-header-user-agent: {AGENT}".encode() in record.reader.read()
                continue
            assert record.headers["WARC-Target-URI"] == url
            if record.record_type == WarcRecordType.request:
                assert record.http_headers["User-Agent"] == AGENT
                assert record.http_headers.status_line == "GET /%EC%97%B0%EB%9D%BD?a=1&b=2 HTTP/1.1"
                concurrent = record.headers["WARC-Concurrent-To"]
            else:
                assert record.headers["WARC-Record-ID"] == concurrent
                assert record.headers["WARC-Payload-Digest"] == f"sha256:{page.sha256}"
                assert record.http_headers["ETag"] == '"a1"' and record.http_headers.status_code == 200
                assert record.record_date.timestamp() == pytest.approx(page.at_ms / 1000, abs=0.001)
                assert record.reader.read() == body


def test_the_same_pages_are_the_same_bytes_and_none_are_no_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        capture.write(tmp_path / name / "a.warc.gz", fetched(3), agent=AGENT)
    first, second = ((tmp_path / name / "a.warc.gz").read_bytes() for name in ("one", "two"))
    assert first == second
    assert capture.write(tmp_path / "none.warc.gz", [], agent=AGENT) == 0
    assert not (tmp_path / "none.warc.gz").exists() and not list(tmp_path.glob("*.half"))


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=30),
    st.text(max_size=30),
    st.binary(min_size=1, max_size=60),
    st.sampled_from(["", "\r\nWARC-Type: response", "\r\n\r\nHTTP/1.1 200 OK\r\n"]),
)
def test_nothing_that_a_site_says_breaks_the_file(
    tmp_path_factory: pytest.TempPathFactory, path: str, tag: str, body: bytes, more: str
) -> None:
    at = tmp_path_factory.mktemp("w") / "a.warc.gz"
    path = path.encode("utf-8", "replace").decode()
    tag = tag.encode("utf-8", "replace").decode()
    pages = [(kept(f"https://a.example/{path}{more}", body, etag=tag + more), body)] * 2
    assert capture.write(at, pages, agent=AGENT + more) == 2
    seen = corpora.observe_folder(at)
    assert [one.sha256 for one in seen] == [pages[0][0].sha256] * 2


def test_the_desk_writes_one_file_for_each_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = fetched(4)
    said = {one.url: one for one, _ in pages}
    collector = outside.Collector(tmp_path)
    for one, body in pages:
        collector._keep_body(one.sha256, body)
        collector._keep(one)
    assert study_looking.captured(tmp_path) == {"pages": len(said)}
    monkeypatch.setattr(outside, "desk", SimpleNamespace(PUBLIC_URL="x"))
    again = corpora.observe_folder(tmp_path)
    assert sorted(one.address for one in again) == sorted(said)
    assert {one.sha256 for one in again} <= {one.sha256 for one, _ in pages}
