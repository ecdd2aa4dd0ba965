"""One post with a picture for two real networks, and what people answer on both, by the public surface alone.

On both databases: approved by somebody else, there on both networks, answered there, and the record holds.
Words of others are promised at the desk ten seconds after everybody can see them; the time is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.bluesky_and_wordpress import DATABASES, LANGUAGES, Founded, database_of
from tests.flows.test_wordpress_journey import Program, arrived, served, state_of_answer, told, until
from tests.servers.bluesky import Bluesky, Person, Ref
from tests.servers.wordpress import WordPress
from tests.web.caller import png

SENT_SECONDS_MAX = 60
PORT = 8760

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.timeout(900)]

Desk = tuple[Callable[..., str], dict[str, Program]]


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


# On SQLite the check takes this way in the browser, and by programs with a blog alone.
@pytest.fixture(params=[pytest.param(DATABASES[0], marks=pytest.mark.long), *DATABASES[1:]])
def desk(
    request: pytest.FixtureRequest, tmp_path: Path, wordpress: WordPress, bluesky: Bluesky, bank: Person
) -> Iterator[Desk]:
    """A running desk with both channels and one program per role, made by commands alone."""
    port = PORT + 4 * DATABASES.index(request.param)
    founded = Founded(tmp_path / "desk", port, database_of(request), wordpress, bluesky, bank)
    tokens = {role: founded.token(role) for role in LANGUAGES}
    with served(founded.env) as address:
        yield founded.command, {role: Program(address, token) for role, token in tokens.items()}


def test_a_post_for_both_and_an_answer_on_each(
    desk: Desk, wordpress: WordPress, bluesky: Bluesky, bank: Person
) -> None:
    command, by = desk
    title = f"연차보고서 {bank.handle}"
    _published(by, title)
    article = next(p for p in wordpress.posts() if p["title"]["raw"] == title)
    [note] = bank.records()
    assert article["featured_media"] and note["value"]["embed"]["images"][0]["alt"] == "연차보고서 표지"

    kim = bluesky.account("kim")
    asked = kim.reply(Ref(note["uri"], note["cid"]), "배당은 언제인가요?", langs=["ko"])
    bluesky.wait_for(asked.uri)
    comment = wordpress.comment(article["id"], "Fleur de Jong", "Waar staat pagina 12?")
    rows = arrived(lambda: _both(by), "the words from both")
    for network, text in (("bluesky", "4월에 지급됩니다."), ("wordpress", "Op bladzijde 12.")):
        by["responder"].post(f"/conversations/{rows[network]['id']}/replies", {"text": text})

    under = until(
        lambda: next((c for c in wordpress.comments(article["id"]) if c["parent"] == comment), None),
        SENT_SECONDS_MAX, "the answer on the blog",
    )  # fmt: skip
    assert "bladzijde 12" in under["content"]["raw"]
    answer = until(
        lambda: next((r["value"] for r in bank.records() if "reply" in r["value"]), None),
        SENT_SECONDS_MAX, "the answer on the network",
    )  # fmt: skip
    assert (answer["text"], answer["reply"]["parent"]) == ("4월에 지급됩니다.", asked.strong)
    for row in rows.values():
        until(lambda id=row["id"]: state_of_answer(by, id) == "sent", SENT_SECONDS_MAX, "the receipt")
    told(by)
    assert "0 problems" in command("verify")


def _both(by: dict[str, Program]) -> dict[str, Any] | None:
    """The conversations by network, once there is one from each."""
    rows = by["responder"].get("/conversations")["items"]
    found = {"bluesky" if "배당" in row["excerpt"] else "wordpress": row for row in rows}
    return found if len(found) == 2 else None


def _published(by: dict[str, Program], title: str) -> None:
    """Writes for both, submits, approves as somebody else, sends, and waits until both are there."""
    channels = {row["network"]: row["obj"] for row in by["author"].get("/channels")["items"]}
    picture = by["author"].post("/media", files={"file": ("report.png", png((400, 300)), "image/png")})
    shown = {"lang": "ko", "media": [{"media": picture["obj"], "alt": "연차보고서 표지"}]}
    words = {
        channels["wordpress"]: {**shown, "title": title, "kind": "article", "text": "不良率为0.58%。"},
        channels["bluesky"]: {**shown, "text": "2026 연차보고서를 공개합니다. #연차보고서"},
    }
    draft = by["author"].post("/posts", {"title": title, "words": words})
    version = by["author"].post(f"/posts/{draft['id']}/submission", {"edition": draft["edition"]})
    agreed = {"words": [{"channel": p["channel"], "digest": p["digest"]} for p in version["words"]]}
    assert by["author"].ask("POST", f"/posts/{draft['id']}/approval", json=agreed).status_code == 403
    by["approver"].post(f"/posts/{draft['id']}/approval", agreed)
    by["author"].post(f"/posts/{draft['id']}/schedule", {"due_at": None})
    path = f"/posts/{draft['id']}/deliveries"

    def both_sent() -> bool:
        return [row["state"] for row in by["author"].get(path)["items"]] == ["sent", "sent"]

    until(both_sent, SENT_SECONDS_MAX, "the post on both")
