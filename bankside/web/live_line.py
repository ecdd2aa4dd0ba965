"""The live line: server-sent events that say what changed, and never what was said.

A small ASGI process of its own. It knows sessions and nothing else of the pages: a page that hears
`inbox`, or `thing-<obj>`, fetches its fragment again with the rights of whoever reads it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings

from bankside.people.sessions import signed_in
from bankside.record.watching import Change, Watch

WATCH_MS = 250
BEAT_SECONDS = 15
SESSION_SECONDS = 30
"""How often the session of an open line is looked at again: with the beat, who left is cut within 60 s."""
READERS_MAX = 5_000
EVENTS_WAITING_MAX = 500
PATH = "/live/"

# Reading is a fact too, but it changes nothing that a page shows, save who else is reading.
QUIET = frozenset(
    {
        "record.entry-read", "inbox.conversation-fetched", "inbox.conversation-sent-ahead",
        "inbox.messages-searched", "people.data-exported",
    }
)  # fmt: skip
READING = "inbox.conversation-read"
# Which rooms look different after a fact, by the beginning of its name; the first that fits.
ROOMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("inbox.", ("inbox",)),
    ("publish.", ("publish",)),
    ("approvals.", ("inbox", "publish")),
    ("channels.activity-", ("inbox",)),
    ("channels.picture-", ()),  # the open conversation alone
    ("channels.attempt-", ("inbox", "publish")),
    ("channels.post-", ("inbox", "publish")),
    ("channels.doubt-", ("inbox", "publish", "channels")),
    ("channels.delivery-", ("inbox", "publish", "channels")),
    ("channels.", ("channels",)),
    ("people.", ("people",)),
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_readers: set[asyncio.Queue[str]] = set()
_watching: asyncio.Task[None] | None = None


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI. `GET /live/` with the session cookie of somebody who is signed in; 401, 404 or 503 otherwise."""
    if scope["type"] == "http":
        await _answer(scope, receive, send)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    key = _session_key(headers.get("cookie", ""))
    if scope["path"] != PATH or scope["method"] != "GET":
        await _refuse(send, 404)
    elif len(_readers) >= READERS_MAX:
        await _refuse(send, 503)
    elif not await sync_to_async(signed_in)(key):
        await _refuse(send, 401, headers)
    else:
        await send({"type": "http.response.start", "status": 200, "headers": _stream_headers(headers)})
        await _tell(key, receive, send)


def events_of(changes: Iterable[Change]) -> list[str]:
    """The names of the events for some changes, each once, in a fixed order."""
    names: set[str] = set()
    for change in changes:
        if change.fact in QUIET:
            continue
        if change.fact == READING:
            names.add(f"reading-{change.obj}")
            continue
        rooms = next((rooms for start, rooms in ROOMS if change.fact.startswith(start)), ())
        names.update(rooms, ("record", "badges", f"thing-{change.obj}"))
    return sorted(names)


async def _tell(key: str, receive: Receive, send: Send) -> None:
    queue: asyncio.Queue[str] = asyncio.Queue(EVENTS_WAITING_MAX)
    _readers.add(queue)
    _watch()
    telling = asyncio.create_task(_write(key, queue, send))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        _readers.discard(queue)
        for task in (telling, leaving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError, OSError):
                await task


async def _write(key: str, queue: asyncio.Queue[str], send: Send) -> None:
    """Events as they come, a comment when none does, until the session ends."""
    clock = asyncio.get_running_loop().time
    looked = clock()
    await _body(send, "retry: 2000\n\n")
    while True:
        try:
            text = await asyncio.wait_for(queue.get(), BEAT_SECONDS)
        except TimeoutError:
            text = ": still here\n\n"
        if clock() - looked > SESSION_SECONDS:
            looked = clock()
            if not await sync_to_async(signed_in)(key):
                break
        await _body(send, text)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _watch() -> None:
    """One looker for all readers, which runs while there are any."""
    global _watching
    if _watching is None or _watching.done():
        _watching = asyncio.create_task(_look())


async def _look() -> None:
    watch = Watch()
    while _readers:
        events = events_of(await sync_to_async(watch.changes)())
        text = "".join(f"event: {name}\ndata: {name}\n\n" for name in events)
        for queue in list(_readers) if text else []:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(text)
        await asyncio.sleep(WATCH_MS / 1000)


async def _body(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int, headers: dict[str, str] | None = None) -> None:
    about = [(b"content-type", b"text/plain; charset=utf-8"), *_cross_origin(headers or {})]
    await send({"type": "http.response.start", "status": status, "headers": about})
    await send({"type": "http.response.body", "body": b"No live line here.\n"})


def _stream_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        *_cross_origin(headers),
    ]


def _cross_origin(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """The pages live at another port; nobody else may listen with somebody's cookies."""
    if headers.get("origin") != settings.PUBLIC_URL:
        return []
    return [
        (b"access-control-allow-origin", settings.PUBLIC_URL.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _session_key(cookie: str) -> str:
    kept = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    return kept.value if kept else ""
