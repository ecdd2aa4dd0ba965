"""Makes the recordings of feeds, before a fake publisher: python -m tests.networks.make_web_feeds_recordings

A real feed, of a real WordPress, is read in tests/networks/test_web_feeds_server.py.
"""

from __future__ import annotations

from bankside.networks.contract import Request
from tests.networks.pretended.web_feeds import Entry, PretendedWebFeeds
from tests.networks.studio import Studio

SERVER = "none: a fake publisher and hub of ours, in the forms of RFC 4287, RFC 9110 and WebSub"
RATES = Entry(
    id="tag:news.hanulbank.example,2026:1", title="금리 동결", words="<p>기준금리는 그대로입니다.</p>",
    link="https://news.hanulbank.example/rates", pictures=["https://news.hanulbank.example/chart.png"],
)  # fmt: skip
BRANCH = Entry(
    id="tag:news.hanulbank.example,2026:2", title="Nieuw kantoor & <b>loket</b>", writer="Sanne de Vries",
    words='<p>Open vanaf 9 uur.</p><p><a href="https://evil.example/">hanulbank.example</a></p>',
)  # fmt: skip
NAMELESS = Entry(
    id="tag:news.hanulbank.example,2026:3", title="", words="问候", writer="", link="javascript:x"
)
OLD = Entry(
    id="tag:news.hanulbank.example,2019:9", title="Old news", words="long ago",
    published="2019-01-01T00:00:00Z", updated="2019-01-01T00:00:00Z",
)  # fmt: skip
SINCE_MS = 1_795_800_000_000


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedWebFeeds()
    studio = Studio(fake, SERVER)
    studio.begin()
    fake.publish(OLD, RATES, BRANCH, NAMELESS)
    studio.whoami()
    first = studio.poll("poll-first", since_ms=SINCE_MS)
    for number, item in enumerate(first.items):
        studio.read(f"read-{number}", item.raw)
    studio.poll("poll-unchanged", first.cursor)
    fake.entries[1].words = "<p>Open vanaf 10 uur.</p>"
    del fake.entries[2]
    studio.poll("poll-edited-and-not-listed", first.cursor)
    studio.read("read-of-nothing-known", {"something": {}})
    _hooks(studio, fake)
    _failures(studio, fake, first.cursor)


def _hooks(studio: Studio, fake: PretendedWebFeeds) -> None:
    studio.verify("verify-good", fake.push())
    studio.verify("verify-good-sha1", fake.push(method="sha1"))
    studio.verify("verify-forged", fake.push(secret="another word"))
    unsigned = Request(method="POST", path="/hooks/x", query={}, headers={}, body=fake.feed())
    studio.verify("verify-unsigned", unsigned)
    studio.verify("verify-no-feed", fake.push(b"<html>hello</html>"))
    studio.verify("verify-handshake", fake.shake())
    studio.verify("verify-handshake-for-another-feed", fake.shake(topic="https://evil.example/feed.xml"))
    studio.verify("verify-handshake-of-an-end", fake.shake(mode="unsubscribe"))


def _failures(studio: Studio, fake: PretendedWebFeeds, cursor: str) -> None:
    page = "<html><body>Welcome, 환영합니다</body></html>"
    for case, status, body, headers in (
        ("busy", 429, "", {"retry-after": "90"}),
        ("broken", 500, "", {}),
        ("a-page", 200, page, {"content-type": "text/html"}),
        ("a-bomb", 200, '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', {}),
    ):
        fake.failing["GET /feed.xml"] = [(status, body, headers)]
        studio.poll(f"poll-fails-{case}", cursor)
    for case, status, body in (("no-feed", 200, page), ("nothing-there", 404, "")):
        fake.failing["GET /feed.xml"] = [(status, body, {"content-type": "text/html"})]
        studio.whoami(f"whoami-fails-{case}")


if __name__ == "__main__":
    main()
