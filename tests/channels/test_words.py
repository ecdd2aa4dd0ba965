from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from bankside.channels import words as exact
from bankside.channels.words import BadWords, MediaMissing
from bankside.networks.contract import Post
from bankside.record.facts.channels import MediaSaid, Words

A, B = "a" * 32, "b" * 32
PICTURE = MediaSaid(media=A, sha256="1" * 64, mime="image/png", alt="한울은행 지점", name="branch.png")
WORDS = Words(
    text="Onze nieuwe kantoren zijn open. 새 지점이 문을 열었습니다. 新网点开业了。",
    title="Open",
    lang="nl",
    kind="article",
    slug="open",
    in_reply_to="post:7",
    thread="post:7",
    to=("mina",),
    private=True,
    replaces="post:6",
    media=(PICTURE,),
)


def test_the_digest_is_of_the_words_and_the_channel_for_ever() -> None:
    assert exact.digest(A, Words(text="Hello")) == exact.digest(A, Words(text="Hello"))
    assert exact.digest(A, WORDS) != exact.digest(B, WORDS)
    golden = "35df4ca6d3f03485077681a1773fb6024a04500e03ce08e349a4fa5e409d234b"
    assert exact.digest(A, WORDS) == golden


@pytest.mark.parametrize("name", [f.name for f in fields(Words)])
def test_every_field_is_in_the_digest(name: str) -> None:
    other: dict[str, Any] = {"to": ("jan",), "private": False, "media": ()}
    changed = replace(WORDS, **{name: other.get(name, f"{getattr(WORDS, name)}.")})
    assert exact.digest(A, changed) != exact.digest(A, WORDS)


@pytest.mark.parametrize("name", ["sha256", "mime", "alt", "name"])
def test_every_part_of_a_picture_is_in_the_digest_but_not_our_own_name_for_it(name: str) -> None:
    changed = replace(WORDS, media=(replace(PICTURE, **{name: "x"}),))
    assert exact.digest(A, changed) != exact.digest(A, WORDS)
    renamed = replace(WORDS, media=(replace(PICTURE, media=B),))
    assert exact.digest(A, renamed) == exact.digest(A, WORDS)


def test_every_field_reaches_the_network() -> None:
    assert {f.name for f in fields(Words)} == {f.name for f in fields(Post)}
    post = exact.post_of(WORDS, {A: b"png"})
    for field in fields(Words):
        if field.name != "media":
            assert getattr(post, field.name) == getattr(WORDS, field.name)
    assert [(m.mime, m.alt, m.name, m.data) for m in post.media] == [
        ("image/png", "한울은행 지점", "branch.png", b"png")
    ]
    with pytest.raises(MediaMissing, match=r"branch\.png"):
        exact.post_of(WORDS, {})


def test_words_go_through_json_and_come_back() -> None:
    assert exact.from_dict(exact.to_dict(WORDS)) == WORDS
    assert exact.from_dict({"text": "a\r\nb\rc"}).text == "a\nb\nc"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"text": "x", "color": "red"}, "color"),
        ({"title": "no text"}, "text"),
        ({"text": 7}, "cannot be words"),
        ({"text": "half \ud83d"}, "surrogate"),
        ({"text": "nul \x00"}, "control"),
        ({"text": "x" * (exact.TEXT_CHARACTERS_MAX + 1)}, "longer"),
        ({"text": "x", "media": [exact.to_dict(WORDS)["media"][0]] * 21}, "20 pictures"),
    ],
)
def test_what_cannot_be_words_is_refused_by_name(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadWords, match=complaint):
        exact.from_dict(said)


def test_half_a_character_has_no_digest() -> None:
    with pytest.raises(BadWords):
        exact.digest(A, Words(text="\ud83d"))


def test_nobody_takes_a_film_over_while_it_goes_out() -> None:
    kinds = {"image/png": 0, "video/mp4": exact.FILM_SECONDS}
    for mime, seconds in kinds.items():
        said = Words(text="", media=(MediaSaid(media="a", sha256="b", mime=mime, alt="c", name="d"),))
        assert exact.lease_seconds(said) == seconds
