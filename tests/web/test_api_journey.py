"""The same acts as on the pages, by programs: from a draft to the network, from a customer to an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bankside.people import staff as people
from bankside.record import clock
from bankside.web.api.shapes.conversations import Conversations
from tests.scene import Scene
from tests.web.caller import By, png


def submitted(
    scene: Scene, by: By, text: str = "연체율은 0.58%로 낮아졌습니다."
) -> tuple[str, dict[str, Any]]:
    """A post before its approver, and the version."""
    draft = by("author").post(
        "/posts", {"title": "연차보고서", "base": text, "words": {scene.channel.obj: {}}}
    )
    version = by("author").post(f"/posts/{draft['id']}/submission", {"edition": draft["edition"]})
    return draft["id"], version


def agreed(version: dict[str, Any]) -> dict[str, Any]:
    return {"words": [{"channel": p["channel"], "digest": p["digest"]} for p in version["words"]]}


def test_a_post_with_a_picture_goes_out_after_somebody_else_agreed(scene: Scene, by: By) -> None:
    status, picture = by("author").upload("지점.png", png())
    assert status == 201
    words = {scene.channel.obj: {"media": [{"media": picture["obj"], "alt": "새 지점의 모습"}]}}
    draft = by("author").post(
        "/posts", {"title": "새 지점", "base": "분당에 지점을 열었습니다.", "words": words}
    )
    preview = by("author").get(f"/posts/{draft['id']}/preview")
    assert preview["findings"] == []
    assert preview["items"][0]["text"] == "분당에 지점을 열었습니다."
    version = by("author").post(f"/posts/{draft['id']}/submission", {"edition": draft["edition"]})
    review = by("approver").get(f"/posts/{draft['id']}/approval")
    assert review["parts"][0]["digest"] == version["words"][0]["digest"]
    approved = by("approver").post(f"/posts/{draft['id']}/approval", agreed(version))
    assert approved["state"] == "approved"
    by("author").post(f"/posts/{draft['id']}/schedule", {"due_at": None})
    scene.work()
    (outcome,) = by("author").get(f"/posts/{draft['id']}/deliveries")["items"]
    assert outcome["state"] == "sent"
    assert outcome["at"].endswith("Z")
    (said,) = scene.network.posts()
    assert said.text.startswith("분당에 지점을")
    (row,) = by("author").get("/posts?view=sent")["items"]
    assert (row["id"], row["standing"]) == (draft["id"], "sent")


def test_the_author_cannot_agree_and_an_edit_takes_consent_away(scene: Scene, by: By) -> None:
    number, version = submitted(scene, by)
    status, problem = by("author").ask("POST", f"/posts/{number}/approval", agreed(version))
    assert status == 403
    people.give_role(scene.people["author"], "approver", team=scene.team)
    status, problem = by("author").ask("POST", f"/posts/{number}/approval", agreed(version))
    assert (status, problem["status"]) == (403, 403)
    assert "Somebody else" in problem["detail"]
    by("approver").post(f"/posts/{number}/approval", agreed(version))
    edited = by("author").ask("PATCH", f"/posts/{number}", {"edition": 2, "base": "다른 말"})
    assert edited[0] == 200 and edited[1]["state"] == "draft"
    assert by("approver").ask("POST", f"/posts/{number}/approval", agreed(version))[0] == 409
    assert by("author").ask("POST", f"/posts/{number}/schedule", {})[1]["state"] == "draft"
    scene.work()
    assert scene.network.posts() == []


def test_another_digest_and_another_edition_are_conflicts(scene: Scene, by: By) -> None:
    number, version = submitted(scene, by)
    wrong = {"words": [{"channel": version["words"][0]["channel"], "digest": "0" * 64}]}
    status, problem = by("approver").ask("POST", f"/posts/{number}/approval", wrong)
    assert (status, problem["undone"]) == (409, "Nothing was changed.")
    assert by("author").ask("PATCH", f"/posts/{number}", {"edition": 77, "title": "x"})[0] == 409


def test_sent_back_with_a_reason(scene: Scene, by: By) -> None:
    number, _ = submitted(scene, by)
    assert by("approver").ask("POST", f"/posts/{number}/return", {"reason": " "})[0] == 422
    assert (
        by("approver").post(f"/posts/{number}/return", {"reason": "금리를 확인하세요"})["state"]
        == "sent-back"
    )
    assert len(by("author").get(f"/posts/{number}/versions")["items"]) == 1


def test_what_cannot_be_submitted_says_each_finding(scene: Scene, by: By) -> None:
    draft = by("author").post("/posts", {"title": "빈 글", "words": {scene.channel.obj: {}}})
    status, problem = by("author").ask(
        "POST", f"/posts/{draft['id']}/submission", {"edition": draft["edition"]}
    )
    assert status == 422
    assert problem["findings"][0]["where"] == scene.channel.obj


def test_a_post_is_planned_and_taken_back(scene: Scene, by: By) -> None:
    number, version = submitted(scene, by)
    by("approver").post(f"/posts/{number}/approval", agreed(version))
    planned = by("author").post(f"/posts/{number}/schedule", {"due_at": "2026-11-24T21:00:00+09:00"})
    assert (planned["state"], planned["due_at"]) == ("scheduled", "2026-11-24T12:00:00.000Z")
    status, taken = by("author").ask("DELETE", f"/posts/{number}/schedule?reason=wait")
    assert (status, taken["state"], taken["due_at"]) == (200, "draft", None)
    assert by("author").ask("DELETE", f"/posts/{number}")[0] == 204
    assert by("author").get("/posts?view=discarded")["items"][0]["id"] == number


def test_a_customer_is_answered(scene: Scene, by: By) -> None:
    asked = scene.network.customer_says("통장을 잃어버렸어요. 어떻게 하나요?", name="박서준", lang="ko")
    scene.later(120)
    (row,) = by("responder").get("/conversations")["items"]
    assert (row["name"], row["state"], row["lang"]) == ("박서준", "open", "ko")
    number = row["id"]
    me = by("responder").get("/me")["uid"]
    row = by("responder").post(f"/conversations/{number}/assignment", {"to": me, "version": row["version"]})
    assert row["assignee"] == me
    assert by("responder").get("/conversations?view=mine")["items"][0]["id"] == number
    by("responder").post(f"/conversations/{number}/notes", {"text": "본점에 확인했음"})
    answer = by("responder").post(
        f"/conversations/{number}/replies", {"text": "가까운 지점에서 다시 만들어 드립니다."}
    )
    assert answer["state"] == "planned"
    scene.later(60)
    (said,) = scene.network.posts()
    assert said.in_reply_to == asked
    lines = by("responder").get(f"/conversations/{number}/messages")["items"]
    assert [line["way"] for line in lines if line["kind"] == "message"] == ["in", "note", "out"]
    assert lines[-1]["state"] == "sent"
    closed = by("responder").post(f"/conversations/{number}/closure", {"reason": "해결"})
    assert closed["state"] == "closed"
    assert by("responder").ask("DELETE", f"/conversations/{number}/closure")[1]["state"] == "open"


def test_an_answer_that_takes_a_second_person(scene: Scene, by: By, settings: Any) -> None:
    settings.REPLY_APPROVAL = "always"
    scene.network.customer_says("Wat is de rente op mijn spaarrekening?", name="Fleur", lang="nl")
    scene.later(120)
    number = by("responder").get("/conversations")["items"][0]["id"]
    answer = by("responder").post(f"/conversations/{number}/replies", {"text": "De rente is 1,9%."})
    assert answer["state"] == "approval"
    path = f"/replies/{answer['obj']}"
    assert by("responder").ask("POST", f"{path}/approval", {"digest": answer["digest"]})[0] == 403
    assert by("reviewer").ask("POST", f"{path}/approval", {"digest": "0" * 64})[0] == 409
    assert by("reviewer").post(f"{path}/approval", {"digest": answer["digest"]})["state"] == "planned"
    scene.later(60)
    assert scene.network.posts()[0].text == "De rente is 1,9%."
    second = by("responder").post(f"/conversations/{number}/replies", {"text": "Nog iets?"})
    assert (
        by("reviewer").post(f"/replies/{second['obj']}/return", {"reason": "te kort"})["state"] == "sent-back"
    )


def test_an_answer_is_taken_back_in_time(scene: Scene, by: By) -> None:
    scene.network.customer_says("我的卡丢了", name="王芳", lang="zh")
    scene.later(120)
    number = by("responder").get("/conversations")["items"][0]["id"]
    answer = by("responder").post(f"/conversations/{number}/replies", {"text": "请先冻结您的卡。"})
    assert by("responder").post(f"/replies/{answer['obj']}/withdrawal")["state"] == "withdrawn"
    scene.later(60)
    assert scene.network.posts() == []


def test_an_uncertain_delivery_is_decided_with_evidence(scene: Scene, by: By) -> None:
    delivery = scene.deliver("공지")
    scene.network.fail_next("send", "uncertain-before")
    scene.network.fail_next("find", "later", times=99)
    scene.work()
    for _ in range(40):
        scene.later(120)
    seen = by("approver").get(f"/deliveries/{delivery.obj}")
    assert seen["state"] == "uncertain" and seen["attempts"]
    status, _ = by("approver").ask(
        "POST", f"/deliveries/{seen['id']}/decision", {"decision": "there", "evidence": ""}
    )
    assert status == 422
    decided = by("approver").post(
        f"/deliveries/{seen['id']}/decision", {"decision": "dropped", "evidence": "화면에 없음"}
    )
    assert decided["state"] == "withdrawn"


def test_channels_are_connected_checked_paused_and_removed(scene: Scene, by: By, tmp_path: Path) -> None:
    admin = by("administrator")
    assert "practice" in {one["name"] for one in admin.get("/networks")["items"]}
    said = {
        "network": "practice",
        "name": "Hanul NL",
        "settings": {"folder": str(tmp_path / "nl"), "customers": "no"},
    }
    made = admin.post("/channels", {**said, "team": "Seoul"})
    assert (made["state"], made["team"]) == ("open", scene.team.obj)
    assert made["hook"].startswith("/hooks/")
    assert admin.ask("POST", "/channels", said)[0] == 409
    path = f"/channels/{made['id']}"
    assert by("author").get(path)["hook"] is None
    assert admin.post(f"{path}/check")["state"] == "open"
    assert admin.post(f"{path}/pause", {"reason": "onderhoud"})["state"] == "paused"
    assert admin.ask("POST", f"{path}/pause", {"reason": "onderhoud"})[0] == 409
    assert admin.ask("DELETE", f"{path}/pause")[1]["state"] == "open"
    assert admin.post(f"{path}/connection", {"settings": {"poll_seconds": "30"}})["poll_seconds"] == 30
    assert admin.ask("DELETE", path) == (204, None)
    assert admin.ask("GET", path)[0] == 404


def test_pages_follow_each_other_by_cursor(scene: Scene, by: By) -> None:
    for place in range(3):
        scene.moment += 1
        clock._frozen_ms = scene.moment
        by("author").post("/posts", {"title": f"글 {place}"})
        scene.connect(f"채널 {place}", scene.folder.parent / str(place))
    for path in ("/posts", "/channels", "/record/entries"):
        found: list[str] = []
        cursor = ""
        while cursor is not None:
            page = by("auditor").get(f"{path}?limit=2&cursor={cursor}")
            found += [one.get("id") for one in page["items"]]
            cursor = page["next"]
        whole = [one.get("id") for one in by("auditor").get(f"{path}?limit=200")["items"]]
        assert found == whole and len(found) >= 3


def test_the_brake(scene: Scene, by: By) -> None:
    assert by("author").get("/freeze")["frozen"] is False
    frozen = by("administrator").post("/freeze", {"reason": "사고 확인 중"})
    assert (frozen["frozen"], frozen["reason"]) == (True, "사고 확인 중")
    scene.deliver("나가지 않는 말")
    scene.work()
    assert scene.network.posts() == []
    assert by("administrator").ask("DELETE", "/freeze?reason=klaar")[1]["frozen"] is False
    scene.later(30)
    assert len(scene.network.posts()) == 1


def test_the_record_is_read_and_reading_is_recorded(scene: Scene, by: By) -> None:
    submitted(scene, by)
    (entry,) = by("auditor").get("/record/entries?fact=publish.post-submitted")["items"]
    assert by("auditor").get(f"/record/entries/{entry['n']}") == entry
    words = by("auditor").post(f"/record/entries/{entry['n']}/words")
    assert words["said"]["title"] == "연차보고서"
    (read,) = by("auditor").get("/record/entries?fact=record.")["items"]
    assert read["actor"] == scene.people["auditor"].actor
    scene.work()
    (log,) = by("auditor").get("/record/checkpoint")["items"]
    assert log["text"].splitlines()[1] == log["size"]
    assert by("auditor").ask("GET", "/record/entries/999999999")[0] == 404


def test_the_list_is_as_its_shape_says_though_no_row_is_checked(scene: Scene, by: By) -> None:
    scene.network.customer_says("도와주세요", name="박서준", lang="ko")
    scene.work()
    said = by("responder").get("/conversations")
    assert Conversations.model_validate(said).model_dump() == said
    assert said["items"][0]["excerpt"] == "도와주세요"
