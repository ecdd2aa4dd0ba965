"""The polite fetcher against a real server on this machine: robots, pauses, limits, and what it keeps."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings as desk

from bankside.channels import observed
from bankside.measures.observation.leads import leads
from bankside.networks.contract import Refused

pytestmark = pytest.mark.network
HOME = "<html><body><h1>Hanul</h1>" + "".join(f'<a href="/contact/{n}">contact</a>' for n in range(9))
ROBOTS = "User-agent: *\nCrawl-delay: 7\nDisallow: /contact/2\n"


class Site:
    """What the server says, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.pages = {"/": HOME, **{f"/contact/{n}": f"<p>page {n}</p>" for n in range(9)}}
        self.robots: tuple[int, str] = (200, ROBOTS)
        self.address = ""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    told = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, body = told.robots if self.path == "/robots.txt" else self._page()
            self.send_response(status)
            self.send_header(
                "Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html; charset=utf-8"
            )
            self.send_header("ETag", f'"{hashlib.sha256(body.encode()).hexdigest()[:8]}"')
            self.end_headers()
            self.wfile.write(b"" if status == 304 else body.encode())

        def _page(self) -> tuple[int, str]:
            body = told.pages.get(self.path)
            if body is None:
                return 404, "gone"
            etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:8]}"'
            return (304, body) if self.headers.get("If-None-Match") == etag else (200, body)

        def log_message(self, *given: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{server.server_port}"
    told.address = f"http://{place}/"
    monkeypatch.setattr(desk, "WIRE_PRIVATE_HOSTS", frozenset({place}))
    yield told
    server.shutdown()
    server.server_close()


class Time:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.ms += round(seconds * 1000)

    def now(self) -> int:
        return self.ms


def visited(site: Site, folder: Path, time: Time) -> observed.Visit:
    collector = observed.Collector(folder, pause=time.pause, clock_ms=time.now)
    return collector.visit(site.address, lambda _, body: leads(body), observed.hosts_of(site.address))


def test_robots_pauses_and_limits_are_kept(site: Site, tmp_path: Path) -> None:
    time = Time()
    visit = visited(site, tmp_path, time)
    paths = [path for path, _ in site.asked]
    assert paths == ["/robots.txt", "/", "/contact/0", "/contact/1", "/contact/3", "/contact/4"]
    assert [kept.why for kept in visit.refused] == ["robots.txt"]
    assert len(visit.pages) + len(visit.refused) == observed.PAGES_MAX
    assert time.pauses == [7.0] * 5
    agents = {headers["user-agent"] for _, headers in site.asked}
    assert agents == {f"Bankside (+{desk.PUBLIC_URL})"}


def test_what_was_seen_is_kept_under_its_digest(site: Site, tmp_path: Path) -> None:
    visit = visited(site, tmp_path, Time())
    for kept, body in visit.pages:
        assert hashlib.sha256(body).hexdigest() == kept.sha256
        assert (tmp_path / "bodies" / kept.sha256).read_bytes() == body
    assert len((tmp_path / "seen.jsonl").read_bytes().splitlines()) == observed.PAGES_MAX


def test_of_the_same_day_nothing_is_asked_and_later_only_what_changed_is_sent(
    site: Site, tmp_path: Path
) -> None:
    time = Time()
    first = visited(site, tmp_path, time)
    site.asked.clear()
    assert visited(site, tmp_path, time).pages == first.pages
    assert {path for path, _ in site.asked} <= {"/robots.txt"}
    time.ms += observed.FRESH_MS
    site.pages["/contact/1"] = "<p>new</p>"
    second = visited(site, tmp_path, time)
    assert [body for _, body in second.pages if body == b"<p>new</p>"]
    assert all("if-none-match" in headers for path, headers in site.asked if path.startswith("/contact"))
    assert second.pages[0][0].sha256 == first.pages[0][0].sha256


def test_what_was_cut_off_while_writing_is_passed_over(site: Site, tmp_path: Path) -> None:
    first = visited(site, tmp_path, time := Time())
    with (tmp_path / "seen.jsonl").open("ab") as stream:
        stream.write(b'{"url":"http://hal')
    assert visited(site, tmp_path, time).pages == first.pages
    assert list((tmp_path / "bodies").glob("*.half")) == []


@pytest.mark.parametrize(("status", "pages"), [(404, 6), (500, 0), (429, 0)])
def test_without_rules_everything_and_in_trouble_nothing(
    site: Site, tmp_path: Path, status: int, pages: int
) -> None:
    site.robots = (status, "")
    assert len(visited(site, tmp_path, Time()).pages) == pages


def test_a_site_that_wants_long_pauses_is_left_alone(site: Site, tmp_path: Path) -> None:
    site.robots = (200, "User-agent: Bankside\nCrawl-delay: 3600\n")
    visit = visited(site, tmp_path, Time())
    assert [kept.why for kept in visit.refused] == ["crawl-delay"] and not visit.pages


def test_nothing_else_is_asked_than_its_own_hosts(site: Site, tmp_path: Path) -> None:
    site.pages["/"] = (
        '<a href="http://127.0.0.1:9/contact">contact</a><a href="file:///etc/contact">contact</a>'
    )
    visit = visited(site, tmp_path, Time())
    assert [kept.url for kept, _ in visit.pages] == [site.address] and not visit.refused
    with pytest.raises(Refused):
        observed.hosts_of("file:///etc/passwd")


def test_the_page_of_an_account_tells_whether_it_is_there(site: Site) -> None:
    assert observed.status_of(site.address) == 200
    assert observed.status_of(f"{site.address}nobody") == 404
    assert observed.status_of("https://127.0.0.1:9/") == 0
