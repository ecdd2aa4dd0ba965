"""Every address of the API, for every role, in the thing's team, in another and in the whole desk.

What is expected is computed from the policy table; an address without a row here fails. Each request is
made in the same state and rolled back, so that an allowed one succeeds and a refused one leaves no fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from bankside.channels import connect
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation, Message
from bankside.people import policy, teams
from bankside.people import staff as people
from bankside.people.models import Staff, Team
from bankside.record.models import Entry
from bankside.web.api.routes import api
from tests.channels import by_hand_networks
from tests.publish import room
from tests.scene import Scene
from tests.web.caller import Caller, png

THING, DESK, SOMEWHERE, ANYBODY = "thing", "desk", "somewhere", "anybody"
# `sees`: the role in another team, and an auditor's eyes everywhere, so that only the room can say no.
SCOPES = ("own", "other", "desk", "sees")


@dataclass(frozen=True, slots=True)
class Row:
    """An address: the act, where it must reach, the answer when it may, the path's values, the body."""

    act: str
    reach: str
    status: int
    path: Callable[[dict[str, Any]], str]
    body: Callable[[dict[str, Any]], Any] = lambda _: None


def row(act: str, reach: str, path: str, body: Any = None, status: int = 200) -> Row:
    """A row whose path and body name what is on the desk in braces."""
    return Row(act, reach, status, lambda on: path.format(**on), body if callable(body) else lambda _: body)


MATRIX: dict[tuple[str, str], Row] = {
    ("GET", "/me"): row("anybody", ANYBODY, "/me"),
    ("GET", "/freeze"): row("channel.see", SOMEWHERE, "/freeze"),
    ("POST", "/freeze"): row("desk.freeze", SOMEWHERE, "/freeze", {"reason": "잠시"}),
    ("DELETE", "/freeze"): row("desk.unfreeze", DESK, "/freeze?reason=weer"),
    ("GET", "/networks"): row("channel.see", SOMEWHERE, "/networks"),
    ("GET", "/channels"): row("channel.see", SOMEWHERE, "/channels"),
    ("POST", "/channels"): row(
        "channel.connect", THING, "/channels",
        lambda on: {"network": "practice", "name": "새 채널", "team": "Seoul",
                    "settings": {"folder": on["folder"], "customers": "no"}}, 201,
    ),
    ("GET", "/channels/{channel}"): row("channel.see", THING, "/channels/{channel}"),
    ("DELETE", "/channels/{channel}"): row("channel.connect", THING, "/channels/{channel}", status=204),
    ("POST", "/channels/{channel}/check"): row("channel.connect", THING, "/channels/{channel}/check", {}),
    ("POST", "/channels/{channel}/pause"): row(
        "channel.connect", THING, "/channels/{channel}/pause", {"reason": "维护"}
    ),
    ("DELETE", "/channels/{channel}/pause"): row("channel.connect", THING, "/channels/{paused}/pause"),
    ("POST", "/channels/{channel}/connection"): row(
        "channel.connect", THING, "/channels/{channel}/connection", {"settings": {"poll_seconds": "9"}}
    ),
    ("GET", "/posts"): row("post.see", SOMEWHERE, "/posts"),
    ("POST", "/posts"): row("post.write", THING, "/posts", {"title": "글", "team": "Seoul"}, 201),
    ("GET", "/posts/{post}"): row("post.see", THING, "/posts/{draft}"),
    ("PATCH", "/posts/{post}"): row("post.write", THING, "/posts/{draft}", {"edition": 2, "title": "x"}),
    ("DELETE", "/posts/{post}"): row("post.write", THING, "/posts/{draft}", status=204),
    ("GET", "/posts/{post}/preview"): row("post.see", THING, "/posts/{draft}/preview"),
    ("POST", "/posts/{post}/submission"): row(
        "post.submit", THING, "/posts/{draft}/submission", {"edition": 2}, 201
    ),
    ("GET", "/posts/{post}/versions"): row("post.see", THING, "/posts/{post}/versions"),
    ("GET", "/posts/{post}/approval"): row("post.see", THING, "/posts/{post}/approval"),
    ("POST", "/posts/{post}/approval"): row(
        "post.approve", THING, "/posts/{post}/approval", lambda on: {"words": on["words"]}
    ),
    ("POST", "/posts/{post}/return"): row(
        "post.approve", THING, "/posts/{post}/return", {"reason": "아직"}
    ),
    ("POST", "/posts/{post}/schedule"): row("post.schedule", THING, "/posts/{post}/schedule", {}),
    ("DELETE", "/posts/{post}/schedule"): row("post.schedule", THING, "/posts/{post}/schedule"),
    ("GET", "/posts/{post}/deliveries"): row("post.see", THING, "/posts/{post}/deliveries"),
    ("GET", "/deliveries/{delivery}"): row("channel.see", THING, "/deliveries/{delivery}"),
    ("POST", "/deliveries/{delivery}/decision"): row(
        "delivery.decide", THING, "/deliveries/{delivery}/decision",
        {"decision": "dropped", "evidence": "niet te zien"},
    ),
    ("GET", "/deliveries/{delivery}/by-hand"): row(
        "delivery.by-hand", THING, "/deliveries/{by_hand}/by-hand"
    ),
    ("POST", "/deliveries/{delivery}/by-hand"): row(
        "delivery.by-hand", THING, "/deliveries/{by_hand}/by-hand",
        {"url": "https://paperwall.example/p/7", "seen": "게시"},
    ),
    ("POST", "/media"): row("anybody", "words", "/media", status=201),
    ("GET", "/conversations"): row("conversation.see", SOMEWHERE, "/conversations"),
    ("GET", "/search"): row("conversation.see", SOMEWHERE, "/search?q=%EC%B9%B4%EB%93%9C"),
    ("GET", "/conversations/{conversation}"): row("conversation.see", THING, "/conversations/{talk}"),
    ("GET", "/conversations/{conversation}/messages"): row(
        "conversation.see", THING, "/conversations/{talk}/messages"
    ),
    ("GET", "/conversations/{conversation}/pictures/{picture}"): row(
        "conversation.see", THING, "/conversations/{talk}/pictures/{picture}"
    ),
    ("POST", "/conversations/{conversation}/replies"): row(
        "conversation.reply", THING, "/conversations/{talk}/replies", {"text": "네, 됩니다."}, 201
    ),
    ("POST", "/conversations/{conversation}/assignment"): row(
        "conversation.assign", THING, "/conversations/{talk}/assignment", {"to": None}
    ),
    ("POST", "/conversations/{conversation}/closure"): row(
        "conversation.close", THING, "/conversations/{talk}/closure", {}
    ),
    ("DELETE", "/conversations/{conversation}/closure"): row(
        "conversation.close", THING, "/conversations/{talk}/closure"
    ),
    ("POST", "/conversations/{conversation}/notes"): row(
        "conversation.note", THING, "/conversations/{talk}/notes", {"text": "备注"}, 201
    ),
    ("GET", "/replies/{reply}"): row("conversation.see", THING, "/replies/{reply}"),
    ("POST", "/replies/{reply}/approval"): row(
        "reply.approve", THING, "/replies/{reply}/approval", lambda on: {"digest": on["digest"]}
    ),
    ("POST", "/replies/{reply}/return"): row(
        "reply.approve", THING, "/replies/{reply}/return", {"reason": "더 짧게"}
    ),
    ("POST", "/replies/{reply}/withdrawal"): row(
        "conversation.reply", THING, "/replies/{reply}/withdrawal", {}
    ),
    ("GET", "/record/entries"): row("record.see", DESK, "/record/entries"),
    ("GET", "/record/entries/{n}"): row("record.see", DESK, "/record/entries/{entry}"),
    ("GET", "/record/entries/{n}/proof"): row("record.see", DESK, "/record/entries/{entry}/proof"),
    ("GET", "/record/search"): row("record.see", DESK, "/record/search?where=type%20%3D%20config"),
    ("POST", "/record/entries/{n}/words"): row("record.read", DESK, "/record/entries/{entry}/words", {}),
    ("GET", "/record/checkpoint"): row("record.see", DESK, "/record/checkpoint"),
    ("GET", "/measures"): row("measures.read", SOMEWHERE, "/measures"),
    ("GET", "/measures/{measure}"): row("measures.read", SOMEWHERE, "/measures/opened?group=day"),
    ("GET", "/measures/{measure}/entries"): row("measures.read", SOMEWHERE, "/measures/opened/entries"),
}  # fmt: skip
# Others have a matrix of their own: test_card_api_matrix.py, test_studies_api_matrix.py.
ELSEWHERE = {"members", "cards", "programmes", "studies", "keeping", "packages", "spending"}
ENDPOINTS = sorted(
    (method.upper(), path.removeprefix("/api/v1"))
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items()
    for method, said in methods.items()
    if not set(said["tags"]) & ELSEWHERE
)


@pytest.fixture
def on_desk(scene: Scene, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """One of everything in the team Seoul, each where the next act on it is allowed."""
    settings.REPLY_APPROVAL = "always"
    shown = ((scene.network.add_picture(png()), "카드"),)
    scene.network.customer_says("카드를 잃어버렸어요", name="박서준", lang="ko", images=shown)
    scene.later(120)
    doubtful = scene.deliver("공지")
    scene.network.fail_next("send", "refused")
    scene.work()
    talk = Conversation.objects.get()
    [picture] = Message.objects.get().attachments
    reply = replies.write(scene.people["responder"], talk, "새로 만들어 드립니다.")
    post, version = room.submitted(scene)
    paused = connect.pause(
        scene.people["administrator"], scene.connect("멈춘 채널", tmp_path / "paused"), "점검"
    )
    by_hand = by_hand_networks.delivered(scene, monkeypatch, "게시")
    words = [{"channel": channel, "digest": digest} for channel, digest in room.digests(version)]
    return {
        "channel": scene.channel.pk, "paused": paused.pk, "folder": str(tmp_path / "new"),
        "draft": room.draft(scene).pk, "post": post.pk, "words": words, "delivery": doubtful.pk,
        "by_hand": by_hand.pk,
        "talk": talk.pk, "picture": picture["picture"], "reply": reply.obj, "digest": reply.digest,
        "entry": Entry.objects.order_by("n")[0].n,
    }  # fmt: skip


@pytest.fixture
def everybody(scene: Scene) -> dict[tuple[str, str], Staff]:
    """Somebody of each role in each scope, and somebody without any."""
    utrecht = teams.make("Utrecht")
    where: dict[str, Team | None] = {"own": scene.team, "other": utrecht, "desk": None, "sees": utrecht}
    found = {("", ""): people.add("zonder@hanul.example", "Zonder Rol")}
    for role in policy.ROLES:
        for scope in SCOPES:
            email = f"{role}.{scope}@hanul.example"
            found[role, scope] = people.add(email, f"{role} {scope}", role=role, team=where[scope])
            if scope == "sees":
                people.give_role(found[role, scope], "auditor")
    return found


def expected(row: Row, staff: Staff, team: Team) -> bool:
    """Whether the table lets her."""
    match row.reach:
        case "thing":
            return policy.may(staff, row.act, team)
        case "desk":
            return policy.may(staff, row.act, None)
        case "somewhere":
            return bool(policy.teams_with(staff, row.act))
        case "words":
            return any(policy.teams_with(staff, act) for act in ("post.write", "conversation.reply"))
        case _:
            return True


def asked(caller: Caller, method: str, row: Row, on: dict[str, Any]) -> tuple[int, int]:
    """The status, and how many facts were recorded; then everything is as before."""
    with transaction.atomic():
        before = Entry.objects.count()
        if row.path(on) == "/media":
            status, _ = caller.upload("x.png", png())
        else:
            status, _ = caller.ask(method, row.path(on), row.body(on))
        added = Entry.objects.count() - before
        transaction.set_rollback(True)
    return status, added


def test_every_address_has_a_row() -> None:
    assert sorted(MATRIX) == ENDPOINTS


def test_every_row_names_the_act_that_the_address_declares() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    for (method, path), row in MATRIX.items():
        assert paths[f"/api/v1{path}"][method.lower()]["x-act"] == row.act, (method, path)


@pytest.fixture
def callers(everybody: dict[tuple[str, str], Staff]) -> Iterator[dict[tuple[str, str], Caller]]:
    """The program of each."""
    yield {who: Caller(staff) for who, staff in everybody.items()}


@pytest.mark.more
def test_who_may_what(
    scene: Scene,
    on_desk: dict[str, Any],
    everybody: dict[tuple[str, str], Staff],
    callers: dict[tuple[str, str], Caller],
) -> None:
    wrong = []
    for (method, path), row in MATRIX.items():
        status, added = asked(Caller(None), method, row, on_desk)
        if (status, added) != (401, 0):
            wrong.append((method, path, "signed out", status))
        for who, staff in everybody.items():
            status, added = asked(callers[who], method, row, on_desk)
            may = expected(row, staff, scene.team)
            if (status != row.status) if may else (status not in {403, 404} or added):
                wrong.append((method, path, *who, f"may {may}", status, added))
    assert wrong == []


def test_lists_hold_only_what_is_hers(
    on_desk: dict[str, Any], callers: dict[tuple[str, str], Caller]
) -> None:
    for path, act in [
        ("/channels", "channel.see"),
        ("/posts", "post.see"),
        ("/conversations", "conversation.see"),
        ("/search?q=%EC%B9%B4%EB%93%9C", "conversation.see"),
    ]:
        for role in policy.TABLE[act]:
            assert callers[role, "own"].get(path)["items"], (path, role)
            assert callers[role, "desk"].get(path)["items"], (path, role)
            assert callers[role, "other"].get(path)["items"] == [], (path, role)


def test_a_post_that_somebody_may_not_see_is_not_there(
    on_desk: dict[str, Any], callers: dict[tuple[str, str], Caller]
) -> None:
    assert callers["author", "other"].ask("GET", f"/posts/{on_desk['draft']}")[0] == 404
