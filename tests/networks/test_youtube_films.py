"""Films on YouTube: what goes up and what does not, lost answers, and what is found of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from bankside.channels import words
from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Connector,
    Expired,
    Gone,
    Later,
    Media,
    NotAllowed,
    Post,
    Refused,
    Uncertain,
)
from bankside.networks.youtube import LATEST_ITEMS, LATEST_PAGES_MAX, UPLOAD_SECONDS
from tests.networks.pretended.youtube import FILM, PretendedYouTube, problem, trouble

FIRST, SECOND = "POST /upload/youtube/v3/videos", "PUT /upload/youtube/v3/videos"
NEWS = Post(
    text="마포 지점이 열립니다.\nWe openen om tien uur.", title="新网点 open", media=(FILM,), lang="ko"
)


@pytest.fixture
def fake() -> PretendedYouTube:
    return PretendedYouTube()


@pytest.fixture
def desk(fake: PretendedYouTube) -> Connector:
    return fake.connector()


def findings(desk: Connector, post: Post) -> tuple[str, ...]:
    return desk.preview(post).findings


def test_a_film_goes_up_with_its_title_and_its_words(fake: PretendedYouTube, desk: Connector) -> None:
    receipt = desk.send(NEWS, "1")
    [film] = fake.films
    assert (receipt.remote_id, receipt.url) == (film.id, f"https://www.youtube.com/watch?v={film.id}")
    assert receipt.published_ms and not receipt.pending
    assert film.snippet == {"title": NEWS.title, "description": NEWS.text} and film.privacy == "public"


@pytest.mark.parametrize("chosen", ["public", "unlisted", "private"])
def test_the_channel_says_who_sees_films(monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    monkeypatch.setattr(PretendedYouTube, "settings", PretendedYouTube.settings | {"privacy": chosen})
    fake = PretendedYouTube()
    fake.connector().send(NEWS, "1")
    assert fake.films[0].privacy == chosen


def test_the_title_is_needed_and_has_a_limit(desk: Connector) -> None:
    assert findings(desk, replace(NEWS, title="가" * 100)) == ()
    [long] = findings(desk, replace(NEWS, title="가" * 101))
    assert "101 characters of the title" in long
    [missing] = findings(desk, replace(NEWS, title=" "))
    assert "needs a title" in missing


def test_the_words_have_a_limit_of_bytes(desk: Connector) -> None:
    fits = desk.preview(replace(NEWS, text="가" * 1666 + "ab"))
    assert fits.findings == () and fits.counts[0].used == 5000 and fits.counts[0].unit == "bytes"
    [long] = findings(desk, replace(NEWS, text="가" * 1667))
    assert "5,001 bytes" in long


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"media": ()}, "without a film"),
        ({"media": (FILM, FILM)}, "Too many files"),
        ({"media": (FILM, replace(FILM, mime="image/png"))}, "takes no files of the kind image/png"),
        ({"text": "a < b"}, "no < and no >"),
        ({"title": "<b>"}, "no < and no >"),
        ({"private": True, "to": ("UCminji",)}, "no private messages"),
    ],
)
def test_what_youtube_would_refuse_is_found_and_does_not_go_up(
    fake: PretendedYouTube, desk: Connector, changed: dict[str, Any], why: str
) -> None:
    [found] = findings(desk, replace(NEWS, **changed))
    assert why in found
    with pytest.raises(Refused):
        desk.send(replace(NEWS, **changed), "1")
    assert fake.films == [] and fake.begun == {}


def test_the_desks_own_limit_of_size_is_taken_and_one_byte_more_is_not(desk: Connector) -> None:
    film = Media(mime="video/mp4", alt="", name="a.mp4", data=bytes(100_000_000))
    assert findings(desk, replace(NEWS, media=(film,))) == ()
    [found] = findings(desk, replace(NEWS, media=(replace(film, data=bytes(100_000_001)),)))
    assert "too large" in found


def test_a_comment_carries_no_film_and_no_title_and_a_film_is_not_edited(desk: Connector) -> None:
    under = "Ug00000000000000000001AaABAg"
    assert len(findings(desk, Post(text="x", in_reply_to=under, media=(FILM,), title="t"))) == 2
    [found] = findings(desk, Post(text="x", replaces="hanulF00001"))
    assert "YouTube Studio" in found


# --- lost answers ------------------------------------------------------------------------------------------
class Losing(httpx.BaseTransport):
    """The fake, of which answers to one method are lost."""

    def __init__(self, fake: PretendedYouTube, method: str) -> None:
        self._fake, self._method = fake, method

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._fake.handle_request(request)
        if request.method == self._method:
            raise httpx.ReadError("The answer was lost.")
        return answer


def test_a_place_that_was_lost_is_asked_for_again_and_a_film_is_in_doubt(fake: PretendedYouTube) -> None:
    with pytest.raises(Later):
        fake.connector(Losing(fake, "POST")).send(NEWS, "1")
    assert fake.films == [] and fake.connector().find("1", NEWS) is None
    with pytest.raises(Uncertain):
        fake.connector(Losing(fake, "PUT")).send(NEWS, "1")
    [film] = fake.films
    found = fake.connector().find("1", NEWS)
    assert found and found.remote_id == film.id and found.published_ms


def test_a_film_is_found_by_title_and_words_and_not_by_one_of_them(
    fake: PretendedYouTube, desk: Connector
) -> None:
    desk.send(replace(NEWS, title="Open"), "1")
    desk.send(replace(NEWS, text="닫힘"), "2")
    assert desk.find("3", NEWS) is None
    desk.send(NEWS, "3")
    found = desk.find("3", replace(NEWS, text=NEWS.text.replace("\n", " \r\n")))
    assert found and found.remote_id == fake.films[-1].id


def test_the_latest_two_hundred_are_looked_through(fake: PretendedYouTube, desk: Connector) -> None:
    desk.send(NEWS, "0")
    most = LATEST_PAGES_MAX * LATEST_ITEMS
    for number in range(most - 1):
        desk.send(replace(NEWS, text=f"{number}"), f"{number}")
    assert desk.find("0", NEWS)
    desk.send(replace(NEWS, text="one more"), "x")
    assert desk.find("0", NEWS) is None


@pytest.mark.parametrize("status", [308, 404, 410])
def test_a_film_that_was_not_taken_whole_is_begun_anew(
    fake: PretendedYouTube, desk: Connector, status: int
) -> None:
    fake.failing[SECOND] = [(status, "", {})]
    with pytest.raises(Later):
        desk.send(NEWS, "1")
    assert desk.send(NEWS, "1").remote_id == fake.films[0].id and len(fake.films) == 1


@pytest.mark.parametrize(
    "place",
    ["", "https://elsewhere.example/x", "https://www.googleapis.com.example/upload/youtube/v3/videos?"],
)
def test_the_film_and_the_token_go_nowhere_else(fake: PretendedYouTube, desk: Connector, place: str) -> None:
    fake.failing[FIRST] = [(200, "", {"location": place})]
    with pytest.raises(Later):
        desk.send(NEWS, "1")
    assert fake.films == []


def test_what_google_says_to_a_film_is_understood(fake: PretendedYouTube, desk: Connector) -> None:
    says: list[tuple[str, int, str, type[Exception]]] = [
        (FIRST, 400, "uploadLimitExceeded", Later),
        (FIRST, 403, "quotaExceeded", Later),
        (FIRST, 401, "authError", Expired),
        (SECOND, 401, "authError", Expired),
        (FIRST, 403, "forbidden", NotAllowed),
        (SECOND, 400, "mediaBodyRequired", Refused),
        (SECOND, 500, "backendError", Uncertain),
        (FIRST, 500, "backendError", Later),
    ]
    for place, status, reason, error in says:
        fake.failing[place] = [(status, trouble(status, reason, "No."), {"content-type": "application/json"})]
        with pytest.raises(error):
            desk.send(NEWS, "1")
    assert fake.films == [] and problem(400, "x", "y").status_code == 400


def test_an_answer_that_makes_no_sense_leaves_a_doubt(fake: PretendedYouTube, desk: Connector) -> None:
    for nonsense in ("<html>", "{}", '{"id": 7}'):
        fake.failing[SECOND] = [(200, nonsense, {"content-type": "application/json"})]
        with pytest.raises(Uncertain):
            desk.send(NEWS, "1")


def test_a_film_is_counted_and_taken_away(fake: PretendedYouTube, desk: Connector) -> None:
    film = desk.send(NEWS, "1").remote_id
    [counted] = desk.measure((film,))
    assert counted.counts["views"] == 1200
    desk.remove(film)
    desk.remove(film)
    assert fake.films == [] and desk.find("1", NEWS) is None
    with pytest.raises(Gone):
        desk.remove("../videos")


def test_a_film_has_the_time_that_its_bytes_take(monkeypatch: pytest.MonkeyPatch, desk: Connector) -> None:
    asked: dict[str, float] = {}
    ask = desk.wire.ask

    def listened(method: str, url: str, **how: Any) -> Any:
        asked[method] = how.get("deadline_seconds", 0)
        return ask(method, url, **how)

    monkeypatch.setattr(desk.wire, "ask", listened)
    desk.send(NEWS, "1")
    assert asked == {"POST": 0, "PUT": UPLOAD_SECONDS}
    assert words.FILM_SECONDS > UPLOAD_SECONDS + 20 + 20, "nobody takes it over while it goes out"


def test_the_hosts_are_googles() -> None:
    assert network("youtube").hosts.fixed == ("youtube.googleapis.com", "www.googleapis.com")
