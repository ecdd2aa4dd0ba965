"""Makes the recordings of Bluesky anew, from a real network: python -m tests.networks.make_bluesky_recordings

To be run when the connector asks something else, or when other servers are to be recorded. What real servers
cannot be made to say (an answer cut on the way) is marked in the recording as made by us.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from bankside.networks.bluesky.record import POST, key_of
from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant, Media, Post, Receipt
from tests.networks.recorder import Recorder, at_moment, ended, keep, plain, post_as_json, recordings
from tests.servers.bluesky import Bluesky, Person, Ref, moment, running
from tests.servers.bluesky_install import NotInstalled, installed

NAME = "bluesky"
SITE = "https://pds.hanulbank.example"
JWT_SECRET = b"jwt-secret"  # of every dev-env
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WRITES_PER_CALL, WRITES_MAX = 200, 12


class Scribe(Recorder):
    """A recorder that leaves no name of the machine in what the servers said."""

    def __init__(self, bluesky: Bluesky, *, cut: int | None = None) -> None:
        super().__init__(bluesky.url, cut=cut)
        self._bluesky = bluesky

    def _clean(self, text: str) -> str:
        return cleaned(text, self._bluesky)


def cleaned(text: str, bluesky: Bluesky) -> str:
    """Addresses of the machine become invented ones."""
    named = {bluesky.url: SITE, bluesky.appview: "https://appview.hanulbank.example"}
    named |= {bluesky.plc: "https://directory.hanulbank.example", "localhost": "pds.hanulbank.example"}
    for address, shown in named.items():
        text = text.replace(address, shown)
    return text


@dataclass
class Studio:
    """One account on the network, and every call of its connector recorded."""

    bluesky: Bluesky
    bank: Person
    access: str
    account: dict[str, Any] = field(default_factory=dict)

    def record(
        self,
        case: str,
        operation: str,
        given: dict[str, Any],
        work: Callable[[Connector], Any],
        *,
        cut: int | None = None,
        access: str = "",
        note: str = "",
    ) -> Any:
        """Does the work with a recording wire and keeps what was said. Returns the result, if any."""
        scribe = Scribe(self.bluesky, cut=cut)
        settings = {**self.bluesky.settings(self.bank), "directory": ""}
        secrets, hosts = {"access": access or self.access}, frozenset({self.bluesky.host})
        wire = network(NAME).wire(settings, secrets=secrets, private_hosts=hosts, transport=scribe)
        made = network(NAME).connector(Grant(settings=settings, secrets=secrets, account=self.account), wire)
        results: list[Any] = []

        def working() -> Any:
            results.append(work(made))
            return results[0]

        moment_ms = int(time.time() * 1000)
        with at_moment(moment_ms):
            end = ended(working)
        recording = {
            "network": NAME,
            "operation": operation,
            "made": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "server": "@atproto/dev-env 0.6.7",
            "origin": "real server",
            "site": SITE,
            "moment_ms": moment_ms,
            "settings": settings,
            "account": self.account,
            "call": given,
            "exchanges": scribe.exchanges,
            **end,
            **({"note": note} if note else {}),
        }
        keep(NAME, case, json.loads(cleaned(json.dumps(plain(recording)), self.bluesky)))
        sys.stdout.write(f"{case}: {end.get('error') or 'done'}\n")
        return results[0] if results else None

    def send(self, case: str, post: Post, key: str, **how: Any) -> Any:
        given = {"post": post_as_json(post), "key": key}
        return self.record(case, "send", given, lambda c: c.send(post, key), **how)

    def find(self, case: str, post: Post, key: str) -> Any:
        given = {"post": post_as_json(post), "key": key}
        return self.record(case, "find", given, lambda c: c.find(key, post))

    def poll(self, case: str, cursor: str, **how: Any) -> Any:
        given = {"cursor": cursor, "since_ms": 0}
        return self.record(case, "poll", given, lambda c: c.poll(cursor, 0), **how)

    def read(self, case: str, raw: dict[str, Any]) -> Any:
        return self.record(case, "read", {"raw": raw}, lambda c: c.read(raw))

    def remove(self, case: str, remote_id: str) -> Any:
        return self.record(case, "remove", {"remote_id": remote_id}, lambda c: c.remove(remote_id))

    def ref(self, receipt: Receipt) -> Ref:
        """What others need to answer it."""
        found = {row["uri"]: row["cid"] for row in self.bank.records()}
        return Ref(receipt.remote_id, found[receipt.remote_id])


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    try:
        kept = installed()
    except NotInstalled as reason:
        raise SystemExit(str(reason)) from None
    for old in recordings(NAME):
        old.unlink()
    with running(kept) as bluesky, studio_on(bluesky) as studio:
        _connecting(studio)
        post = _posts(studio)
        cursor = _people(studio, post)
        _unannounced(studio, cursor)
        _failures(studio, cursor)
    with running(kept, rate_limits=True) as bluesky, studio_on(bluesky) as studio:
        _too_much(studio)


@contextmanager
def studio_on(bluesky: Bluesky) -> Iterator[Studio]:
    """The bank's account on a network, connected by an app password."""
    bank = bluesky.account("hanulbank")
    wanted = {"identifier": bank.handle, "password": bank.app_password()}
    session = bluesky.call("POST", "com.atproto.server.createSession", json=wanted)
    about = {"remote_id": bank.did, "handle": f"@{bank.handle}", "limits": {"image_bytes": 5_242_880}}
    yield Studio(bluesky, bank, session["accessJwt"], about)


def _connecting(studio: Studio) -> None:
    studio.account = {}
    me = studio.record("whoami", "whoami", {}, lambda c: c.whoami())
    studio.record("whoami-dead-token", "whoami", {}, lambda c: c.whoami(), access="not-a-token")
    studio.account = asdict(me)


def _posts(studio: Studio) -> Ref:
    kim = studio.bluesky.account("minji")
    pictures = (
        Media(mime="image/png", alt="새 지점 창구", data=PNG, name="창구.png"),
        Media(mime="image/png", alt='The new branch, "Hanul" sign', data=PNG + b" ", name="sign.png"),
    )
    words = f"3분기 실적 👨‍👩‍👧 @{kim.handle}님, https://hanulbank.example/q3?lang=ko에서 보세요. #실적 年报"
    post = Post(text=words, lang="ko", media=pictures)
    studio.find("find-not-there", post, "v1:c1")
    receipt = studio.send("send-with-images", post, "v1:c1")
    studio.send("send-same-key-again", post, "v1:c1")
    studio.find("find-there", post, "v1:c1")
    quoting = Post(text=f"지난 분기 보고서: {receipt.url}", lang="ko")
    studio.bluesky.wait_for(receipt.remote_id)
    studio.send("send-quoting", quoting, "v2:c1")
    hostile = Post(text="<script>alert(1)</script> @nobody.test #1 # https:// \u202e 谢谢", lang="zh")
    studio.send("send-hostile-text", hostile, "v3:c1")
    return studio.ref(receipt)


def _people(studio: Studio, post: Ref) -> str:
    bluesky, bank = studio.bluesky, studio.bank
    kim, li, sanne = (bluesky.account(name) for name in ("kim", "liwei", "sanne"))
    question = kim.reply(post, "축하합니다! 배당은 언제 나오나요?", langs=["ko"])
    thread = {"root": post.strong, "parent": post.strong}
    picture = li.show("这一页看不清楚", PNG, "报告的截图", reply=thread)
    shown = li.mention(bank, "请问有中文版报告吗？ <b>x</b> & https://evil.example/")
    quote = sanne.quote(post, "Wanneer is de vergadering?")
    sanne.like(post)
    sanne.repost(post)
    last = sanne.follow(bank)
    for ref in (question, picture, shown, quote):
        bluesky.wait_for(ref.uri)
    _until_told(bank, last.uri)
    page = studio.poll("poll-first", "")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    studio.read("read-unknown-kind", {"act": {**page.items[-1].raw["act"], "reason": "starterpack-joined"}})
    studio.read("read-broken", {"post": {"uri": 7}})
    answer = Post(text="배당은 4월에 지급됩니다. https://hanulbank.example/ir", in_reply_to=question.uri)
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    under = Post(text="자세한 일정은 곧 알려 드리겠습니다.", in_reply_to=receipt.remote_id)
    second = studio.send("send-answer-under-our-own", under, "v6:c1")
    kim.put(question.uri, _changed(kim, question, "축하합니다! 배당일이 언제인가요?"))
    sanne.delete(quote.uri)
    bluesky.wait_for(quote.uri, gone=True)
    bluesky.wait_for(second.remote_id)
    time.sleep(1)
    page = studio.poll("poll-changed-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    refs = (post.uri, receipt.remote_id, f"at://{bank.did}/{POST}/{key_of('never')}")
    studio.record("measure", "measure", {"refs": list(refs)}, lambda c: c.measure(refs))
    studio.record("measure-account", "measure", {"refs": [bank.did]}, lambda c: c.measure((bank.did,)))
    studio.remove("remove", second.remote_id)
    studio.remove("remove-again", second.remote_id)
    studio.remove("remove-of-others", question.uri)
    return str(page.cursor)


def _changed(person: Person, ref: Ref, text: str) -> dict[str, Any]:
    return {**next(r["value"] for r in person.records() if r["uri"] == ref.uri), "text": text}


def _until_told(person: Person, uri: str) -> None:
    while uri not in {told["uri"] for told in person.notifications()}:
        time.sleep(0.1)


def _unannounced(studio: Studio, cursor: str) -> None:
    """An answer that is indexed before the post that it answers: nobody is ever told of it."""
    bluesky, bank, kim = studio.bluesky, studio.bank, studio.bluesky.account("early")
    post = bank.post("곧 다시 말씀드리겠습니다.")
    bluesky.wait_for(post.uri)
    words = next(r["value"] for r in bank.records() if r["uri"] == post.uri)
    bank.delete(post.uri)
    bluesky.wait_for(post.uri, gone=True)
    early = kim.reply(post, "너무 빠른 질문", wait=False)
    bluesky.wait_for(early.uri)
    bank.put(post.uri, words)
    bluesky.wait_for(post.uri)
    time.sleep(4)
    page = studio.poll("poll-unannounced", cursor)
    assert early.uri in page.unannounced
    studio.poll("poll-quiet", page.cursor)
    studio.poll("poll-ended-token", cursor, access=_ended_token(bank.did), note="The token was made by us.")


def _failures(studio: Studio, cursor: str) -> None:
    bluesky, post = studio.bluesky, Post(text="나중에")
    studio.poll("poll-dead-token", cursor, access="not-a-token")
    studio.send("send-fails-dead-token", post, "f1:c1", access="not-a-token")
    nowhere = f"at://{studio.bank.did}/{POST}/{key_of('never')}"
    studio.send("send-fails-nothing-to-answer", Post(text="hallo", in_reply_to=nowhere), "f2:c1")
    wim = bluesky.account("wim")
    shut = wim.post("Alleen voor mij.")
    gate = {"$type": "app.bsky.feed.threadgate", "post": shut.uri, "allow": [], "createdAt": moment()}
    bluesky.wait_for(shut.uri)
    wim.put(f"at://{wim.did}/app.bsky.feed.threadgate/{shut.key}", gate)
    time.sleep(2)
    studio.send("send-fails-answers-shut", Post(text="Goedemorgen", in_reply_to=shut.uri), "f3:c1")
    studio.send("send-fails-bad-language", Post(text="hello", lang="not a language"), "f4:c1")
    studio.send("send-fails-too-long", Post(text="가" * 301), "f5:c1")
    note = "The answer was cut by the recorder; the server had accepted the post."
    studio.send("send-fails-cut-answer", post, "f7:c1", cut=0, note=note)
    studio.find("find-after-cut-answer", post, "f7:c1")
    picture = Media(mime="image/png", alt="cut", data=PNG, name="a.png")
    note = "The answer to an upload was cut by the recorder."
    studio.send("send-fails-cut-upload", Post(text="그림", media=(picture,)), "f8:c1", cut=0, note=note)


def _too_much(studio: Studio) -> None:
    """More writes than the server takes in an hour."""
    bank = studio.bank
    wanted = {"repo": bank.did, "writes": [_like() for _ in range(WRITES_PER_CALL)]}
    with suppress(httpx.HTTPStatusError):  # the last of them is refused
        for _ in range(WRITES_MAX):
            bank.call("POST", "com.atproto.repo.applyWrites", json=wanted)
    studio.send("send-fails-too-many", Post(text="너무 많이"), "f9:c1")


def _like() -> dict[str, Any]:
    value = {"$type": "app.bsky.feed.like", "subject": _SOMETHING, "createdAt": moment()}
    return {
        "$type": "com.atproto.repo.applyWrites#create",
        "collection": "app.bsky.feed.like",
        "value": value,
    }


_SOMETHING = {
    "uri": "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3aaaaaaaaaaaa",
    "cid": "bafyreigrlefi6amh446ps3umjiedpb6pg2nktjpldqu7g4izspyifqkkti",
}


def _ended_token(did: str) -> str:
    """An access token as the server signs them, whose hour is over."""
    past = int(time.time()) - 60
    claims = {
        "scope": "com.atproto.appPass",
        "sub": did,
        "aud": "did:web:localhost",
        "iat": past - 60,
        "exp": past,
    }
    parts = [
        json.dumps(p, separators=(",", ":")).encode() for p in ({"typ": "at+jwt", "alg": "HS256"}, claims)
    ]
    content = ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts)
    signature = hmac.new(JWT_SECRET, content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


if __name__ == "__main__":
    main()
