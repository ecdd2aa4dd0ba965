"""A film beside the words: added, looked at, described, and refused where it is none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bankside.channels import media
from bankside.channels.film import cleaned
from bankside.channels.models import Channel
from bankside.networks import catalogue
from bankside.publish import post as posts
from tests.channels.films import film, movie_header
from tests.publish import room
from tests.scene import Scene
from tests.web.caller import By
from tests.web.test_publish_pages import At, form_of, text_of

CAME = film(header=movie_header(65))


def chosen(content: bytes = CAME) -> SimpleUploadedFile:
    return SimpleUploadedFile("새 지점.mp4", content, "video/mp4")


def with_film(scene: Scene, at: At) -> Any:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    client.post(f"/posts/{post.pk}/draft/", form_of(scene, post, add=obj, **{f"picture:{obj}": chosen()}))
    return room.fresh(post)


def test_a_film_is_added_and_can_be_looked_at(scene: Scene, at: At) -> None:
    post, client = with_film(scene, at), at("author")
    answer = client.get(f"/posts/{post.pk}/draft/")
    page = text_of(answer)
    address = re.search(r'<video class="film" src="(/media/[^"]+)" controls preload="metadata"', page)
    assert address is not None and "<img src=" not in page
    assert "새 지점.mp4 · 1:05 · 0.1 MB" in page and "Film 새 지점.mp4, read aloud as" in page
    assert "Say in words what the film 새 지점.mp4 shows" in page
    assert "media-src 'self'" in answer["Content-Security-Policy"]
    seen = client.get(address.group(1))
    assert seen["Content-Type"] == "video/mp4" and seen.content == cleaned(CAME).content
    assert seen["Content-Disposition"] == 'inline; filename="film.mp4"'


def test_a_film_that_is_none_is_refused_in_words(scene: Scene, at: At) -> None:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    given = form_of(scene, post, add=obj, **{f"picture:{obj}": chosen(film(brand=b"qt  "))})
    answer = client.post(f"/posts/{post.pk}/draft/", given)
    assert answer.status_code == 422 and "not an MP4 as the web has it" in text_of(answer)
    assert posts.words_of(room.fresh(post))[obj].media == ()


def test_a_network_without_films_offers_none_and_says_so(scene: Scene, at: At) -> None:
    post = with_film(scene, at)
    page = text_of(at("author").get(f"/posts/{post.pk}/draft/"))
    assert "takes no files of the kind video/mp4" in page and 'accept="image/jpeg,image/png' in page
    assert "Add a film" not in page and "Add a picture" in page


def test_a_network_with_films_offers_them_and_the_approver_sees_what_goes_out(scene: Scene, at: At) -> None:
    takes_films = next(one.name for one in catalogue.load().values() if "video" in one.offers)
    Channel.objects.filter(pk=scene.channel.pk).update(network=takes_films, settings={}, account={})
    post, obj = with_film(scene, at), scene.channel.obj
    [said] = posts.words_of(post)[obj].media
    page = text_of(at("author").get(f"/posts/{post.pk}/draft/"))
    assert 'accept="video/mp4"' in page and "Add a film" in page and "Add a picture" not in page
    words = {
        "text": "지점이 열립니다.",
        "title": "새 지점",
        "media": [{"media": said.media, "alt": "문이 열린다"}],
    }
    post = posts.write(
        scene.people["author"], post, edition=post.edition, base="지점이 열립니다.", words={obj: words}
    )
    page = text_of(at("author").get(f"/posts/{post.pk}/draft/"))
    assert 'class="finding"' not in page and "Everything that is shown is described" in page
    posts.submit(scene.people["author"], post, edition=post.edition)
    page = text_of(at("approver").get(f"/posts/{post.pk}/approval/"))
    shown = re.search(r'<figure class="shown"><video class="film" src="(/media/[^"]+)".*?</figure>', page)
    assert shown and "새 지점.mp4 · 1:05 · 0.1 MB" in shown[0] and "문이 열린다" in shown[0]
    assert "<img" not in shown[0] and "Everything that is shown is described" in page


@pytest.mark.parametrize(("content", "status"), [(CAME, 201), (CAME[:-1], 422), (CAME + b"x" * 9, 422)])
def test_a_program_adds_a_film_too(by: By, content: bytes, status: int) -> None:
    answered, told = by("author").upload("a.mp4", content)
    assert answered == status
    if status == 201:
        assert (told["mime"], told["seconds"], told["size"]) == ("video/mp4", 65, len(CAME))


def test_a_film_that_is_too_large_is_refused_before_all_of_it_is_read(
    by: By, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bankside.channels.film.BYTES_MAX", len(CAME) - 1)
    monkeypatch.setattr(media, "BYTES_MAX", len(CAME) - 1)
    status, told = by("author").upload("a.mp4", CAME + b"x" * 1000)
    assert status == 413 and told["title"] == "The film is too large."
