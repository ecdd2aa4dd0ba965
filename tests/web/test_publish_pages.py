"""Publish as people use it: the board, the composer without a script, and what became of a post."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from bankside.channels import preview
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Post
from tests.publish import room
from tests.scene import Scene

At = Callable[[str], Client]
KO = "한울은행은 계좌 잠금을 푸는 링크를 문자로 보내지 않습니다."
NL = "Hanul Bank stuurt nooit een sms met een link."
ZH = "韩尔银行绝不会用短信发送解锁账户的链接。"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def form_of(scene: Scene, post: Post, **more: Any) -> dict[str, Any]:
    """The composer's form as a browser would send it, for one channel."""
    obj = scene.channel.obj
    given = {"edition": post.edition, "title": post.title, "base": post.base, "channel": obj}
    return {**given, f"lang:{obj}": "ko", f"kind:{obj}": "note", **more}


def picture() -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "#0B1220").save(content, "PNG")
    return SimpleUploadedFile("kaart.png", content.getvalue(), "image/png")


def uncertain(scene: Scene) -> Post:
    """A post of which nobody knows whether it went out."""
    channel = scene.connect("Hanul Bank Nederland", scene.folder.parent / "second", lookup="no")
    author = scene.people["author"]
    post = posts.start(author, title="年报预告")
    post = posts.write(author, post, edition=1, base=ZH, words={channel.obj: {"lang": "zh"}})
    version = posts.submit(author, post, edition=post.edition)
    posts.approve(scene.people["approver"], room.fresh(post), words=room.digests(version))
    from bankside.networks.practice import PracticeServer

    PracticeServer(scene.folder.parent / "second").fail_next("send", "uncertain-before")
    schedule.schedule(author, room.fresh(post), due_ms=None)
    scene.work()
    return room.fresh(post)


# --- the board -------------------------------------------------------------------------------------------
def test_an_empty_board_says_so_and_offers_to_write(scene: Scene, at: At) -> None:
    page = text_of(at("author").get("/posts/"))
    assert "Nothing has been written yet." in page and "/posts/new/" in page


def test_the_board_shows_every_post_with_its_state_in_words(scene: Scene, at: At) -> None:
    room.draft(scene)
    room.submitted(scene)
    room.approved(scene)
    page = text_of(at("author").get("/posts/"))
    for state in ("Draft", "Waiting for approval", "Approved"):
        assert f"{state}</span>" in page
    waiting = text_of(at("author").get("/posts/?view=waiting"))
    assert "Waiting for approval</span></a>" in waiting and "Draft</span></a>" not in waiting


def test_the_board_asks_the_same_number_of_questions_however_many_posts(
    scene: Scene, at: At, django_assert_num_queries: Any
) -> None:
    client = at("author")
    room.draft(scene)
    with CaptureQueriesContext(connection) as few:
        client.get("/posts/")
    for _ in range(8):
        room.draft(scene)
    with django_assert_num_queries(len(few.captured_queries)):
        client.get("/posts/")


def test_an_approver_is_led_to_what_waits_for_her(scene: Scene, at: At) -> None:
    room.submitted(scene)
    assert "1 waits for you" in text_of(at("approver").get("/posts/"))
    assert "waits for you" not in text_of(at("author").get("/posts/"))


def test_a_view_that_is_not_there_is_a_page_that_says_so(scene: Scene, at: At) -> None:
    assert at("author").get("/posts/?view=nonsense").status_code == 404


def test_whoever_has_no_posts_has_no_board(scene: Scene, at: At) -> None:
    assert at("administrator").get("/posts/").status_code == 403


# --- writing without a script ----------------------------------------------------------------------------
def test_a_post_is_started_and_written_for_each_network(scene: Scene, at: At) -> None:
    client, obj = at("author"), scene.channel.obj
    made = client.post("/posts/new/", {"base": KO, "title": "경고", "lang": "ko", "channel": obj})
    assert made.status_code == 303
    page = text_of(client.get(made["Location"]))
    assert KO in page and "Same as base. Write its own" in page and "As Practice network will show it" in page
    assert re.search(r"<b>\d+ of 500</b>", page)


def test_a_network_that_is_only_listened_to_is_not_offered(
    scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, obj = at("author"), scene.channel.obj
    assert f'value="{obj}"' in text_of(client.get("/posts/new/"))
    monkeypatch.setattr(preview, "offers", lambda channel: frozenset({"hook"}))
    assert obj not in text_of(client.get("/posts/new/"))


def test_words_of_its_own_and_the_base_words_again(scene: Scene, at: At) -> None:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    client.post(f"/posts/{post.pk}/draft/", form_of(scene, post, own=obj))
    post = room.fresh(post)
    assert post.words[obj]["text"] == post.base
    client.post(f"/posts/{post.pk}/draft/", form_of(scene, post, **{f"text:{obj}": KO, f"lang:{obj}": "ko"}))
    post = room.fresh(post)
    assert posts.words_of(post)[obj].text == KO
    client.post(f"/posts/{post.pk}/draft/", form_of(scene, post, same=obj, **{f"text:{obj}": KO}))
    assert posts.words_of(room.fresh(post))[obj].text == post.base


def test_an_autosave_says_when_and_brings_the_next_edition(scene: Scene, at: At) -> None:
    client, post = at("author"), room.draft(scene)
    given = form_of(scene, post, base=f"{KO} 받으셨다면 열지 마세요.")
    saved = client.post(
        f"/posts/{post.pk}/draft/", given, headers={"HX-Request": "true", "HX-Target": "saved"}
    )
    page = text_of(saved)
    assert "Saved 10:00" in page and f'name="edition" id="edition" value="{post.edition + 1}"' in page
    assert "<html" not in page and "<textarea" not in page


def test_a_conflict_shows_both_texts_and_loses_nothing(scene: Scene, at: At) -> None:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    posts.write(scene.people["author"], post, edition=post.edition, words={obj: {"text": NL, "lang": "nl"}})
    mine = form_of(scene, post, **{f"text:{obj}": KO})
    answer = client.post(f"/posts/{post.pk}/draft/", mine)
    page = text_of(answer)
    assert answer.status_code == 409 and KO in page and NL in page
    assert posts.words_of(room.fresh(post))[obj].text == NL
    edition = re.search(r'id="edition" value="(\d+)"', page)
    assert edition is not None
    again = client.post(f"/posts/{post.pk}/draft/", {**mine, "edition": edition.group(1)})
    assert again.status_code == 303 and posts.words_of(room.fresh(post))[obj].text == KO


def test_a_conflict_of_an_autosave_touches_no_field(scene: Scene, at: At) -> None:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    posts.write(scene.people["author"], post, edition=post.edition, words={obj: {"text": NL}})
    answer = client.post(
        f"/posts/{post.pk}/draft/", form_of(scene, post, base=KO), headers={"HX-Request": "true"}
    )
    assert "Pieter Smit saved other words" in text_of(answer) and "<textarea" not in text_of(answer)


def test_the_preview_counts_what_was_typed_and_saves_nothing(scene: Scene, at: At) -> None:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    before = post.edition
    given = form_of(scene, post, only=obj, **{f"text:{obj}": "가" * 501})
    page = text_of(client.post(f"/posts/{post.pk}/preview/", given, headers={"HX-Request": "true"}))
    assert "<b>501 of 500</b>" in page and 'class="finding"' in page and 'hx-swap-oob="true"' in page
    assert room.fresh(post).edition == before


def test_a_picture_is_added_described_seen_and_taken_away(scene: Scene, at: At) -> None:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    client.post(f"/posts/{post.pk}/draft/", form_of(scene, post, add=obj, **{f"picture:{obj}": picture()}))
    post = room.fresh(post)
    [said] = posts.words_of(post)[obj].media
    page = text_of(client.get(f"/posts/{post.pk}/draft/"))
    address = re.search(r'src="(/media/[^"]+)"', page)
    assert address is not None
    seen = client.get(address.group(1))
    assert seen["Content-Type"] == "image/png" and seen.content.startswith(b"\x89PNG")
    assert client.get(address.group(1)[:-2]).status_code == 404
    kept = {f"media:{obj}": said.media, f"alt:{obj}:{said.media}": "짙은 남색 카드"}
    client.post(f"/posts/{post.pk}/draft/", form_of(scene, post, **kept))
    post = room.fresh(post)
    assert posts.words_of(post)[obj].media[0].alt == "짙은 남색 카드"
    client.post(f"/posts/{post.pk}/draft/", form_of(scene, post, **kept, drop=f"{obj}:{said.media}"))
    assert posts.words_of(room.fresh(post))[obj].media == ()


def test_asking_saves_what_stands_in_the_form_and_says_what_is_wrong(scene: Scene, at: At) -> None:
    client, post, obj = at("author"), room.draft(scene), scene.channel.obj
    long = form_of(scene, post, **{f"text:{obj}": "가" * 501})
    refused = client.post(f"/posts/{post.pk}/submission/", long)
    assert refused.status_code == 422 and "가" * 501 in text_of(refused)
    post = room.fresh(post)
    asked = client.post(f"/posts/{post.pk}/submission/", form_of(scene, post, **{f"text:{obj}": KO}))
    assert asked.status_code == 303 and room.fresh(post).state == Post.WAITING
    assert "Waiting for approval" in text_of(client.get(asked["Location"]))


# --- afterwards ------------------------------------------------------------------------------------------
def test_a_time_is_chosen_in_the_readers_zone(scene: Scene, at: At) -> None:
    author = scene.people["author"]
    author.zone = "Asia/Seoul"
    author.save()
    post = room.approved(scene)
    given = {"when": "at", "day": "2026-11-26", "time": "09:00"}
    at("author").post(f"/posts/{post.pk}/schedule/", given)
    post = room.fresh(post)
    assert post.state == Post.SCHEDULED and post.due_at == 1_795_651_200_000  # 00:00 UTC
    page = text_of(at("author").get(f"/posts/{post.pk}/"))
    assert "Thu 09:00" in page and "Seoul" in page


def test_a_day_that_does_not_exist_changes_nothing(scene: Scene, at: At) -> None:
    post = room.approved(scene)
    client = at("author")
    given = {"when": "at", "day": "2026-02-30", "time": "09:00"}
    after = client.get(client.post(f"/posts/{post.pk}/schedule/", given)["Location"])
    assert "Choose a day and a time." in text_of(after) and room.fresh(post).state == Post.APPROVED


def test_what_was_planned_is_taken_back(scene: Scene, at: At) -> None:
    post = room.approved(scene)
    at("author").post(f"/posts/{post.pk}/withdrawal/")
    assert room.fresh(post).state == Post.DRAFT
    assert at("approver").post(f"/posts/{post.pk}/withdrawal/").status_code == 409


def test_what_is_out_shows_where_and_can_not_be_taken_back(scene: Scene, at: At) -> None:
    post = room.approved(scene)
    schedule.schedule(scene.people["author"], post, due_ms=None)
    scene.work()
    page = text_of(at("author").get(f"/posts/{post.pk}/"))
    assert "Look at it on Practice network" in page and "Take it back" not in page
    assert at("author").post(f"/posts/{post.pk}/withdrawal/").status_code in {409, 422}


def test_what_is_uncertain_is_hatched_and_decided_with_its_evidence(scene: Scene, at: At) -> None:
    post = uncertain(scene)
    page = text_of(at("approver").get(f"/posts/{post.pk}/"))
    assert "never said whether this went out" in page and "Sent the words" in page and "hatched" in page
    action = re.search(r'action="(/deliveries/[^"]+)"', page)
    assert action is not None
    assert action.group(1) not in text_of(at("author").get(f"/posts/{post.pk}/"))
    empty = at("approver").post(action.group(1), {"decision": "there", "evidence": ""})
    assert empty.status_code == 422
    decided = at("approver").post(action.group(1), {"decision": "there", "evidence": "주소에서 보았습니다"})
    assert decided.status_code == 303 and decided["Location"].startswith("/posts/")
    scene.work()
    assert "Sent</span>" in text_of(at("approver").get(f"/posts/{post.pk}/"))


def test_whoever_wrote_it_does_not_decide_the_doubt(scene: Scene, at: At) -> None:
    post = uncertain(scene)
    page = text_of(at("approver").get(f"/posts/{post.pk}/"))
    action = re.search(r'action="(/deliveries/[^"]+)"', page)
    assert action is not None
    given = {"decision": "again", "evidence": "nothing there"}
    assert at("author").post(action.group(1), given).status_code == 403


def test_a_draft_is_thrown_away(scene: Scene, at: At) -> None:
    post = room.draft(scene)
    assert at("author").post(f"/posts/{post.pk}/removal/").status_code == 303
    assert room.fresh(post).state == Post.DISCARDED


@pytest.mark.parametrize("path", ["/posts/", "/posts/new/", "/posts/{n}/draft/", "/posts/{n}/"])
def test_pages_keep_to_the_content_policy(scene: Scene, at: At, path: str) -> None:
    page = text_of(at("author").get(path.format(n=room.draft(scene).pk)))
    assert "style=" not in page and not re.search(r"<script(?![^>]* src=)", page)
    assert not re.search(r" on[a-z]+=", page)
