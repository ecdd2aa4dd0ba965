"""Every call of the connector of X, and every answer of its fake, against X's own OpenAPI file, by Prism."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

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
from tests.networks.pretended.x_com import PROBLEMS, PretendedX, _problem
from tests.servers.prism import Checked, Prism, prism

pytestmark = pytest.mark.server("prism")
PNG = Media(
    mime="image/png", alt="지점 앞", name="branch.png", data=b"\x89PNG\r\n\x1a\n\xff\x00 not a picture"
)
CALLS = {
    "GET /2/users/me", "GET /2/users/:id/tweets", "GET /2/users/:id/mentions", "GET /2/tweets",
    "GET /2/tweets/search/recent", "GET /2/dm_events", "GET /2/dm_conversations/with/:id/dm_events",
    "POST /2/tweets", "POST /2/dm_conversations/with/:id/messages", "POST /2/media/upload/initialize",
    "POST /2/media/upload/:id/append", "POST /2/media/upload/:id/finalize", "POST /2/media/metadata",
    "DELETE /2/tweets/:id",
}  # fmt: skip
"""All that the connector ever calls."""


@pytest.fixture(scope="module")
def running() -> Iterator[Prism]:
    with prism("x/openapi-v2.json.gz") as started:
        yield started


@pytest.fixture
def fake() -> PretendedX:
    return PretendedX()


@pytest.fixture
def checked(running: Prism, fake: PretendedX) -> Checked:
    return running.before(fake)


@pytest.fixture
def desk(fake: PretendedX, checked: Checked) -> Connector:
    return fake.connector(checked)


def bare(calls: list[str]) -> set[str]:
    return {"/".join(":id" if p.isdigit() and len(p) > 4 else p for p in c.split("/")) for c in calls}


def test_every_call_and_every_answer_of_the_fake_is_in_the_document(
    fake: PretendedX, checked: Checked, desk: Connector
) -> None:
    desk.whoami()
    post = desk.send(Post(text="새 지점 https://hanulbank.example/mapo", media=(PNG,)), "1").remote_id
    question = fake.says("minji", "@hanulbank 언제 열어요?", under=post)
    fake.says("sanne", "Kijk eens", quoting=post)
    fake.says("wei", "没有人回答", under=question)
    private = fake.writes("sanne", "Mijn pas is weg")
    page = desk.poll("", 0)
    answer = desk.send(Post(text="열 시예요", in_reply_to=question), "2").remote_id
    desk.send(Post(text="열한 시예요", replaces=post), "3")
    sanne = fake.person("sanne")
    secret = Post(text="Bel ons", in_reply_to=f"dm:{private}", to=(sanne,), private=True, media=(PNG,))
    desk.send(secret, "4")
    desk.find("4", secret)
    desk.find("3", Post(text="열한 시예요", replaces=post))
    desk.find("5", Post(text="nothing like it"))
    fake.edits(question, "@hanulbank 몇 시에 열어요?")
    place = page.cursor.replace('"looked_ms":', '"looked_ms_then":').replace(
        '"asked_ms":', '"asked_ms_then":'
    )
    desk.poll(place, 0)
    desk.measure((post, answer, "1999999999999999999"))
    desk.remove(answer)
    desk.remove("1999999999999999999")
    assert checked.violations == []
    assert bare(checked.calls) == CALLS


@pytest.mark.parametrize(
    "answer, wanted",
    [
        (_problem(400, f"{PROBLEMS}invalid-request", "Invalid Request", "No."), Refused),
        (_problem(401, "about:blank", "Unauthorized", "Unauthorized"), Expired),
        (_problem(403, f"{PROBLEMS}client-forbidden", "Client Forbidden", "Not enrolled."), NotAllowed),
        (_problem(404, f"{PROBLEMS}resource-not-found", "Not Found Error", "Not there."), Gone),
        (_problem(429, f"{PROBLEMS}usage-capped", "UsageCapExceeded", "Monthly."), Later),
        (_problem(503, "about:blank", "Service Unavailable", "Over capacity."), Uncertain),
    ],
)  # fmt: skip
def test_failures_are_in_the_document_and_mean_what_they_should(
    fake: PretendedX, checked: Checked, desk: Connector, answer: httpx.Response, wanted: type[Exception]
) -> None:
    headers = {"content-type": "application/problem+json"}
    fake.failing["POST /2/tweets"] = [(answer.status_code, answer.text, headers)]
    with pytest.raises(wanted) as raised:
        desk.send(Post(text="안녕하세요"), "1")
    assert raised.type is wanted and checked.violations == [] and checked.calls == ["POST /2/tweets"]


def test_an_answer_to_somebody_who_has_not_summoned_us_is_refused_in_the_documents_own_form(
    fake: PretendedX, checked: Checked, desk: Connector
) -> None:
    stranger = fake.says("wei", "银行都一样")
    with pytest.raises(NotAllowed) as raised:
        desk.send(Post(text="您好", in_reply_to=stranger), "1")
    assert raised.value.fallback == f"https://x.com/i/web/status/{stranger}" and checked.violations == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "hi", "in_reply_to": "1999999999999999999"},
        {"text": "hi", "media": {"media_ids": []}},
        {"text": "hi", "reply": {"in_reply_to_tweet_id": "no number"}},
    ],
    ids=["a field that nobody knows", "no picture", "no number"],
)
def test_a_wrong_call_is_a_violation_and_never_reaches_the_fake(
    fake: PretendedX, checked: Checked, wrong: dict[str, Any]
) -> None:
    headers = {"authorization": f"Bearer {fake.secrets['access']}"}
    with httpx.Client(transport=checked) as client:
        answer = client.post("https://api.x.com/2/tweets", json=wrong, headers=headers)
    assert answer.status_code == 422 and fake.visible() == []
    assert len(checked.violations) == 1 and checked.violations[0].startswith("POST /2/tweets: ")


def test_an_answer_that_is_not_in_the_document_is_a_violation(
    fake: PretendedX, checked: Checked, desk: Connector
) -> None:
    json = {"content-type": "application/json"}
    fake.failing["GET /2/users/me"] = [(200, '{"data": {"id": 17, "username": "hanulbank"}}', json)]
    with pytest.raises(Later):
        desk.whoami()
    assert [v for v in checked.violations if v.startswith("GET /2/users/me: response.")]
