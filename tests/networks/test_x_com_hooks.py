"""What X tells by hook: genuine, for this account, and the same as what is found by looking."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from bankside.networks.contract import (
    Accepted,
    Answer,
    Connector,
    Forged,
    Item,
    Refused,
    Request,
)
from tests.networks.make_x_com_recordings import HOOK, event
from tests.networks.pretended.x_com import BANK, CLIENT_SECRET, PretendedX, moment
from tests.networks.x_com_desk import read

OLD_HOOK = "x-twitter-webhooks-signature"
NOW_MS = int(time.time() * 1000)


@pytest.fixture
def fake() -> PretendedX:
    return PretendedX()


@pytest.fixture
def desk(fake: PretendedX) -> Connector:
    return fake.connector()


# --- hooks -------------------------------------------------------------------------------------------------
def mention(**changed: Any) -> dict[str, Any]:
    told = {
        "id": "2080765813578191303", "author_id": "9", "text": "hey @hanulbank", "created_at": moment(NOW_MS),
        "conversation_id": "2080765813578191303", "entities": {"mentions": [{"username": "HanulBank"}]},
    }  # fmt: skip
    return told | changed


def items(desk: Connector, request: Request) -> tuple[Item, ...]:
    accepted = desk.verify(request)
    assert isinstance(accepted, Accepted)
    return accepted.items


def test_a_hook_gives_the_same_item_as_a_look(fake: PretendedX, desk: Connector) -> None:
    id = fake.says("minji", "@hanulbank 언제?")
    [looked] = desk.poll("", 0).items
    told = fake._as_post(fake.posts[id], id)
    request = event("post.mention.create", told)
    body = json.loads(request.body)
    body["data"]["includes"] = {"users": [fake._user(fake.person("minji"))], "tweets": [told]}
    [hooked] = items(desk, signed(json.dumps(body).encode()))
    assert (hooked.remote_id, hooked.version) == (
        looked.remote_id,
        looked.version,
    ) and hooked.raw == looked.raw


def signed(body: bytes, header: str = HOOK, secret: str = CLIENT_SECRET) -> Request:
    made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return Request(method="POST", path="/h", query={}, headers={header: f"sha256={made}"}, body=body)


def test_a_quotation_by_hook_may_be_answered_although_it_names_nobody(desk: Connector) -> None:
    payload = mention(
        text="看", entities={}, referenced_tweets=[{"type": "quoted", "id": "2080761390344937796"}]
    )
    [quoted] = read(desk, items(desk, event("post.quote.create", payload)))
    [reply] = read(desk, items(desk, event("post.reply.create", mention(text="看", entities={}))))
    assert quoted.reply_allowed and not reply.reply_allowed


def test_reposts_followers_and_our_own_deletions_come_by_hook(desk: Connector) -> None:
    payload = mention(referenced_tweets=[{"type": "retweeted", "id": "2080761390344937796"}])
    [repost] = read(desk, items(desk, event("post.repost.create", payload)))
    assert (repost.verb, repost.in_reply_to) == ("Announce", "2080761390344937796")
    pair = {"source": {"data": {"id": "9", "username": "minji"}}, "target": {"data": {"id": BANK}}}
    [follow] = read(desk, items(desk, event("follow.follow", pair)))
    assert (follow.verb, follow.actor.handle) == ("Follow", "@minji")
    ours = {"source": {"data": {"id": BANK}}, "target": {"data": {"id": "9"}}}
    assert items(desk, event("follow.follow", ours)) == ()
    [gone] = read(desk, items(desk, event("post.delete", {"id": "2080761390344937796", "author_id": BANK})))
    assert gone.verb == "Delete" and gone.own


def test_what_is_for_another_account_of_the_app_is_left_out(desk: Connector) -> None:
    body = event("post.mention.create", mention()).body.replace(BANK.encode(), b"1700000000000000009")
    assert items(desk, signed(body)) == ()


def test_every_flipped_bit_of_a_body_is_forged(desk: Connector) -> None:
    request = event("post.mention.create", mention())
    for at in range(0, len(request.body) * 8, 7):
        body = bytearray(request.body)
        body[at // 8] ^= 1 << at % 8
        with pytest.raises(Forged):
            desk.verify(
                Request(method="POST", path="/h", query={}, headers=request.headers, body=bytes(body))
            )


def test_an_older_app_signs_with_its_api_key_secret_alone(fake: PretendedX) -> None:
    body = event("post.mention.create", mention()).body
    old, new = signed(body, OLD_HOOK, "key secret"), signed(body, HOOK, CLIENT_SECRET)
    older = fake.connector(consumer_secret="key secret")
    assert items(older, old) and items(older, new)
    for forged in (signed(body, OLD_HOOK, CLIENT_SECRET), signed(body, HOOK, "key secret")):
        with pytest.raises(Forged):
            older.verify(forged)
    with pytest.raises(Forged):
        fake.connector().verify(old)
    both = Request(method="POST", path="/h", query={}, headers=old.headers | {HOOK: "sha256=none"}, body=body)
    with pytest.raises(Forged):
        older.verify(both)


def test_a_challenge_is_answered_with_the_client_secret_and_never_signs_a_body(desk: Connector) -> None:
    asked = Request(method="GET", path="/h", query={"crc_token": "abc"}, headers={}, body=b"")
    answer = desk.verify(asked)
    made = base64.b64encode(hmac.new(CLIENT_SECRET.encode(), b"abc", hashlib.sha256).digest()).decode()
    assert isinstance(answer, Answer) and json.loads(answer.body) == {"response_token": f"sha256={made}"}
    with pytest.raises(Forged):
        desk.verify(
            Request(method="GET", path="/h", query={"crc_token": '{"data":{}}'}, headers={}, body=b"")
        )


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"data": null}', b'{"data": {"event_type": 7}}', b"\xff\xfe", b"[" * 100_000,
        b'{"data": {"event_type": "post.create", "payload": {"id": 7}}}',
        b'{"data": {"event_type": "dm.received", "payload": {"users": {"1": {}}}}}',
        b'{"data": {"event_type": "follow.follow", "payload": {}}}',
    ],
)  # fmt: skip
def test_a_genuine_hook_that_makes_no_sense_is_refused(desk: Connector, body: bytes) -> None:
    with pytest.raises(Refused):
        desk.verify(signed(body))


@pytest.mark.parametrize("kind", ["post", "message", "act", "gone"])
@pytest.mark.parametrize("raw", [None, [], {}, {"id": 7}, "x"])
def test_an_item_that_makes_no_sense_is_refused(desk: Connector, kind: str, raw: Any) -> None:
    with pytest.raises(Refused):
        desk.read({kind: raw})


def test_what_nobody_knows_is_no_activity(desk: Connector) -> None:
    assert desk.read({"event": {"event_type": "spaces.start"}}) == () == desk.read({})


def test_hostile_words_stay_words(desk: Connector) -> None:
    payload = mention(
        text="<script>\x00 &lt;b&gt; https://t.co/x",
        entities={"urls": [{"url": "https://t.co/x", "expanded_url": "javascript:alert(1)"}] * 500},
        created_at="never", lang="und",
    )  # fmt: skip
    [hostile] = read(desk, items(desk, event("post.mention.create", payload)))
    assert hostile.text.startswith("<script> <b>") and "\x00" not in hostile.text
    assert hostile.published_ms == 0 and hostile.lang == "" and hostile.url.startswith("https://x.com/")
