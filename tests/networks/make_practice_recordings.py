"""Makes the recordings of the practice network anew: python -m tests.networks.make_practice_recordings

Its raw items and hooks, and one send for every failure that can be ordered. A recording with `orders` is
played against a fresh pretended network, to which these failures were ordered first.
"""

from __future__ import annotations

import datetime
import sys
import tempfile
from pathlib import Path
from typing import Any

from bankside.networks.contract import Post, Request
from bankside.networks.practice import KINDS, PracticeServer
from tests.networks.recorder import keep, plain, play, post_as_json, recordings

NAME = "practice"
SECRET = "not the real one"  # the recorder gives every connector this secret


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    for old in recordings(NAME):
        old.unlink()
    _items()
    _hooks()
    for kind in KINDS:
        post = {"post": post_as_json(Post(text="안내 말씀드립니다. 谢谢。")), "key": "k1"}
        _record(f"send-{kind}", "send", post, [["send", kind]])
    reply = {"post": post_as_json(Post(text="Dank u", in_reply_to="m9")), "key": "k1"}
    _record("send-nothing-to-answer", "send", reply, [])
    long = {"post": post_as_json(Post(text="가" * 501)), "key": "k1"}
    _record("send-too-long", "send", long, [])
    _record("preview-too-long", "preview", long, [])
    _record("find-nothing", "find", {"post": {"text": "x"}, "key": "k1"}, [])
    _record("settle-nothing", "settle", {"handle": "p1"}, [])
    _record("remove-nothing", "remove", {"remote_id": "p1"}, [])
    _record("measure-nothing", "measure", {"refs": ["p1"]}, [])
    _record("measure-account", "measure", {"refs": ["bank:hanulbank"]}, [])
    _record("poll-nothing", "poll", {"cursor": "", "since_ms": 0}, [])
    _record("whoami", "whoami", {}, [])


def _items() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = _crowded(Path(folder))
        for number, raw in enumerate(_raws(server)):
            _record(f"read-{raw['kind']}-{number}", "read", {"raw": raw}, None)
    _record("read-unknown-kind", "read", {"raw": {"kind": "poke", "id": "k1"}}, None)
    _record("read-broken", "read", {"raw": {"kind": "mention", "id": 7}}, None)


def _crowded(folder: Path) -> PracticeServer:
    server = PracticeServer(folder, hook_secret=SECRET)
    mention = server.customer_says("@hanulbank 카드를 잃어버렸어요", by="minji")
    server.customer_says("请问利率是多少？", by="liwei", private=True)
    server.customer_replies(mention, "Ik ook!", by="daan")
    server.customer_says("<script>alert(1)</script> &amp;", by="mallory")
    server.customer_edits(mention, "@hanulbank 카드를 방금 잃어버렸어요")
    gone = server.customer_says(
        "never mind", by="emma", images=(("https://practice.bankside.example/i", "a cat"),)
    )
    server.customer_deletes(gone)
    return server


def _raws(server: PracticeServer) -> list[dict[str, Any]]:
    import msgspec

    body: dict[str, Any] = msgspec.json.decode(server.hook_request().body)
    raws: list[dict[str, Any]] = body["items"]
    return raws


def _hooks() -> None:
    with tempfile.TemporaryDirectory() as folder:
        good = _crowded(Path(folder)).hook_request("m1")
    forged = Request(
        method="POST", path="/", query={}, headers={"x-practice-signature": "0" * 64}, body=good.body
    )
    handshake = Request(method="GET", path="/", query={"challenge": "abc"}, headers={}, body=b"")
    for case, request in (("good", good), ("forged", forged), ("handshake", handshake)):
        given = {**plain(request), "body": request.body.decode()}
        _record(f"verify-{case}", "verify", given, None)


def _record(case: str, operation: str, given: dict[str, Any], orders: list[list[str]] | None) -> None:
    recording = {
        "network": NAME,
        "operation": operation,
        "made": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "server": "the simulator itself, which is no network",
        "origin": "made by us",
        "settings": {"folder": "{folder}", "customers": "no", "lookup": "yes"},
        "call": given,
        **({} if orders is None else {"orders": orders}),
    }
    with tempfile.TemporaryDirectory() as folder:
        end = play(recording, Path(folder))
    keep(NAME, case, {**recording, **end})
    sys.stdout.write(f"{case}: {end.get('error') or 'done'}\n")


if __name__ == "__main__":
    main()
