"""Recordings: what a network really said to one call of a connector, kept as JSON and played back.

A recording holds no secret and no name of the machine on which it was made. Played back, a connector must
ask exactly what it asked then, in the same order, and come to the same end.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import msgspec

from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant, Media, Post, Request
from bankside.networks.practice import PracticeServer

RECORDINGS = Path(__file__).resolve().parent / "recordings"
KEPT_REQUEST = ("content-type", "content-disposition")
KEPT_ANSWER = ("content-type", "retry-after", "location", "x-wp-total")
BLOG = "https://blog.hanulbank.example"
NOT_REAL = "not the real one"
_IP = re.compile(r'("author_ip"\s*:\s*")[^"]*')


def recordings(name: str) -> list[Path]:
    """Every recording of a network."""
    return sorted((RECORDINGS / name).glob("*.json"))


# --- making ------------------------------------------------------------------------------------------
class Recorder(httpx.BaseTransport):
    """Real sockets, and a list of what went over them. `cut` loses an answer after so many bytes."""

    def __init__(self, site: str, *, cut: int | None = None) -> None:
        self.exchanges: list[dict[str, Any]] = []
        self._site, self._cut = site, cut
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        body = answer.read()
        headers = {k: v for k, v in answer.headers.items() if k.lower() in KEPT_ANSWER}
        cut = self._cut if request.method != "GET" else None
        self.exchanges.append(
            {
                "request": _asked(request, self._site),
                "answer": {
                    "status": answer.status_code,
                    "headers": {k.lower(): self._clean(v) for k, v in headers.items()},
                    "body": self._clean(body.decode("utf-8")) if cut is None else None,
                },
            }
        )
        if cut is not None:
            self.exchanges[-1]["answer"]["cut"] = True
            raise httpx.ReadError("The answer was cut.")
        return httpx.Response(answer.status_code, headers=headers, content=body)

    def _clean(self, text: str) -> str:
        return cleaned(text, self._site)


def cleaned(text: str, site: str) -> str:
    """Without the machine: its address becomes the blog's, in either way of writing it, and no IP stays."""
    for form in (site, site.replace("/", "\\/")):
        text = text.replace(form, BLOG if "\\" not in form else BLOG.replace("/", "\\/"))
    text = text.replace("http://127.0.0.1:8080", BLOG).replace("http:\\/\\/127.0.0.1:8080", BLOG)
    for form in (site.partition("://")[2], "127.0.0.1 "):
        text = text.replace(form, "blog.hanulbank.example" + " " * form.endswith(" "))
    return _IP.sub(r"\g<1>", text)


def keep(name: str, case: str, recording: dict[str, Any]) -> None:
    """Writes one recording, the same bytes for the same content."""
    folder = RECORDINGS / name
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(recording, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / f"{case}.json").write_text(text, "utf-8")


def ended(work: Any) -> dict[str, Any]:
    """How a call ends: `{"result": …}` or `{"error": {"kind": …, "reason": …}}`."""
    try:
        return {"result": plain(work())}
    except Exception as error:
        reason = getattr(error, "reason", str(error))
        return {"error": {"kind": type(error).__name__, "reason": reason}}


def plain(value: Any) -> Any:
    """A frozen value as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    return json.loads(msgspec.json.encode(value, enc_hook=str))


# --- playing back ------------------------------------------------------------------------------------
def play(recording: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Calls the connector as the recording says; how it ended. `folder` is for a pretended network."""
    with connector(recording, folder) as made:
        return ended(lambda: call(made, recording))


@contextmanager
def connector(recording: dict[str, Any], folder: Path) -> Iterator[Connector]:
    """The connector of a recording, with a wire that says what the network said then."""
    data = network(recording["network"])
    settings = {k: v.replace("{folder}", str(folder)) for k, v in recording["settings"].items()}
    secrets = {s.name: NOT_REAL for s in data.settings if s.secret} | recording.get("secrets", {})
    grant = Grant(settings=settings, secrets=secrets, account=recording.get("account", {}))
    for operation, kind in recording.get("orders", []):
        PracticeServer(folder).fail_next(operation, kind)
    player = Player(recording.get("exchanges", []), recording.get("site", BLOG))
    with at_moment(recording.get("moment_ms", 0)):
        yield data.connector(grant, data.wire(settings, transport=player))
    assert player.left() == 0, f"{player.left()} recorded exchanges were not asked for"


@contextmanager
def at_moment(ms: int) -> Iterator[None]:
    """The clock stands at the moment of the recording, for connectors that write it into what they say."""
    with mock.patch("time.time", return_value=ms / 1000) if ms else nullcontext():
        yield


class Player(httpx.BaseTransport):
    """Answers what was recorded, and only to the question that was recorded."""

    def __init__(self, exchanges: list[dict[str, Any]], site: str = BLOG) -> None:
        self._exchanges, self._site = list(exchanges), site

    def left(self) -> int:
        return len(self._exchanges)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert self._exchanges, f"not recorded: {request.method} {request.url}"
        exchange = self._exchanges.pop(0)
        asked = _asked(request, self._site)
        assert asked == exchange["request"], f"asked {asked}, recorded {exchange['request']}"
        answer = exchange["answer"]
        if answer.get("cut"):
            raise httpx.ReadError("The answer was cut.")
        return httpx.Response(answer["status"], headers=answer["headers"], content=answer["body"].encode())


def _asked(request: httpx.Request, site: str) -> dict[str, Any]:
    """What was asked, without who asked it: no credentials, no host."""
    body = request.read()
    address = str(request.url).removeprefix(site)
    kept = {k: request.headers[k] for k in KEPT_REQUEST if k in request.headers}
    asked: dict[str, Any] = {"method": request.method, "address": address, "headers": kept}
    if body and kept.get("content-type") == "application/json":
        asked["json"] = json.loads(cleaned(body.decode(), site))
    elif body:
        asked["sha256"] = hashlib.sha256(body).hexdigest()
    return asked


def call(made: Connector, recording: dict[str, Any]) -> Any:
    """The one call that a recording is about."""
    given = recording.get("call", {})
    match recording["operation"]:
        case "whoami":
            return made.whoami()
        case "read":
            return made.read(given["raw"])
        case "verify":
            return made.verify(_request(given))
        case "poll":
            return made.poll(given["cursor"], given["since_ms"])
        case "preview":
            return made.preview(post_of(given["post"]))
        case "send":
            return made.send(post_of(given["post"]), given["key"])
        case "find":
            return made.find(given["key"], post_of(given["post"]))
        case "settle":
            return made.settle(given["handle"])
        case "remove":
            return made.remove(given["remote_id"])
        case "measure":
            return made.measure(tuple(given["refs"]))
    raise AssertionError(f"no such operation: {recording['operation']}")


def post_of(given: dict[str, Any]) -> Post:
    """A post as recordings write it: media as base64."""
    media = tuple(Media(**{**m, "data": base64.b64decode(m["data"])}) for m in given.get("media", []))
    return Post(**{**given, "media": media, "to": tuple(given.get("to", ()))})


def post_as_json(post: Post) -> dict[str, Any]:
    """The other way round, what is empty left out."""
    return {k: v for k, v in plain(post).items() if v not in ("", [], False)}


def _request(given: dict[str, Any]) -> Request:
    return Request(**{**given, "body": given["body"].encode()})
