from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import media, preview
from bankside.networks.catalogue import network
from bankside.networks.contract import Post, Preview
from bankside.networks.fit import fitted
from bankside.networks.practice import Practice
from bankside.record import clock
from bankside.record.facts.channels import MediaSaid, Words
from tests.channels.test_picture import picture_bytes
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path, settings: Any) -> Iterator[Scene]:
    settings.MEDIA_FOLDER = tmp_path / "media"
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def test_words_are_counted_as_the_network_counts(scene: Scene) -> None:
    shown = preview.preview(scene.channel, Words(text="가족 👨‍👩‍👧 https://hanulbank.example/" + "x" * 80))
    assert shown.findings == ()
    assert [(c.used, c.limit, c.ok) for c in shown.counts][:1] == [(28, 500, True)]
    long = preview.preview(scene.channel, Words(text="好" * 501))
    assert long.findings
    assert not long.counts[0].ok


def test_pictures_count_by_size_without_being_opened(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    row = media.add(scene.people["author"], picture_bytes("PNG"), "a.png")
    monkeypatch.setattr(media, "read", lambda media: 1 // 0)
    words = Words(text="사진", media=(media.said(row, alt="본점"),))
    assert preview.preview(scene.channel, words).findings == ()
    lost = MediaSaid(media="0" * 32, sha256="0" * 64, mime="image/png", alt="", name="weg.png")
    shown = preview.preview(scene.channel, Words(text="사진", media=(*words.media, lost)))
    assert shown.findings == ("The picture weg.png is not on the desk any more. Add it again.",)
    many = preview.preview(scene.channel, Words(text="사진", media=words.media * 5))
    assert many.findings


@pytest.mark.parametrize(
    "here, fetched", [("https://desk.hanulbank.example", True), ("http://127.0.0.1:8000", False)]
)
def test_networks_that_fetch_pictures_are_told_where(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, settings: Any, here: str, fetched: bool
) -> None:
    settings.PUBLIC_URL = here
    row = media.add(scene.people["author"], picture_bytes("PNG"), "a.png")
    seen: list[Post] = []

    def shown(self: Practice, post: Post) -> Preview:
        seen.append(post)
        return fitted(network(scene.channel.network), post, {})

    monkeypatch.setattr(Practice, "preview", shown)
    preview.preview(scene.channel, Words(text="사진", media=(media.said(row, alt="본점"),)))
    [url] = [one.url for one in seen[0].media]
    assert url.startswith(f"{here}/media/") if fetched else url == ""


def test_what_a_channel_offers(scene: Scene) -> None:
    assert {"note", "reply", "image"} <= preview.offers(scene.channel)
    assert preview.kinds(scene.channel) == ("note",)
    assert preview.title_of("practice") == "Practice network"
    assert preview.title_of("a network of long ago") == "a network of long ago"
