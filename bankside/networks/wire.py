"""The only way outside: one request, one answer, and every limit that there is.

A wire knows where it may go, how long it may take, how much it may read and what it must not tell.
It turns what can go wrong into the errors of the contract:

| what happened | a read (GET) | a write |
|---|---|---|
| no connection: nothing was sent | Later | Later |
| broke, timed out or made no sense after sending | Later | **Uncertain** |
| 401 | Reconnect | Reconnect |
| 403 | NotAllowed | NotAllowed |
| 404, 410 | Gone | Gone |
| 408, 425, 429; 503 with Retry-After | Later | Later |
| other 5xx | Later | **Uncertain** |
| other 4xx, a redirect of a write | Refused, with the network's words | Refused, with the network's words |

A connection is never used twice: one that went stale would make a send doubtful that never left.
"""

from __future__ import annotations

import base64
import logging
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bankside.late import httpcore, httpx
from bankside.networks import answers, pinned, proxies
from bankside.networks.failures import Gone, Later, NotAllowed, Reconnect, Refused, Uncertain
from bankside.said import Said

CONNECT_SECONDS_MAX = 5.0
IDLE_SECONDS_MAX = 15.0
DEADLINE_SECONDS = 20.0
ANSWER_BYTES_MAX = 5_000_000
REDIRECTS_MAX = 3
WAIT_SECONDS = 60.0
log = logging.getLogger(__name__)
for _talkative in ("httpx", "httpcore"):  # they would write whole addresses and headers down
    logging.getLogger(_talkative).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What the network answered. Header names are in lower case; `write`: it answers a write."""

    status: int
    headers: dict[str, str]
    content: bytes = field(repr=False)
    write: bool = False

    @property
    def text(self) -> str:
        """The body as UTF-8, what is broken in it replaced."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Nonsense raises Later after a read, and Uncertain after a write."""
        try:
            return msgspec.json.decode(self.content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise self.nonsense(Said("The answer of the network is not JSON.")) from None

    def nonsense(self, reason: str) -> Exception:
        """The error for an answer that cannot be understood."""
        return Uncertain(reason) if self.write else Later(WAIT_SECONDS, reason)


class Wire:
    """One channel's way outside. May be used by several threads: it keeps nothing between two requests."""

    def __init__(
        self,
        hosts: Iterable[str],
        *,
        private_hosts: Iterable[str] = (),
        secrets: Iterable[str] = (),
        transport: httpx.BaseTransport | None = None,
        resolve: pinned.Resolve = pinned.resolved,
        proxy: str = "",
    ) -> None:
        """`hosts`, `private_hosts`: `name` or `name:port`. `transport` takes the place of sockets.

        `proxy`: the way out of a house that lets nothing out but through it; also one of the `private_hosts`
        if its address is inside. It sees the names of hosts, and of what is encrypted nothing else.
        """
        self._hosts = frozenset(_ascii(h) for h in hosts)
        self._private_hosts = frozenset(_ascii(h) for h in private_hosts)
        self._hidden = answers.hidden_forms(secrets)
        self._transport = transport
        self._resolve = resolve
        self._proxy = proxies.checked(proxy) if proxy else ""

    def get(self, url: str, **how: Any) -> WireAnswer:
        """Reads. Follows at most three redirects, none of them off the list of hosts."""
        return self.ask("GET", url, **how)

    def post(self, url: str, **how: Any) -> WireAnswer:
        """Writes. A redirect is not followed."""
        return self.ask("POST", url, **how)

    def put(self, url: str, **how: Any) -> WireAnswer:
        """Writes. A redirect is not followed."""
        return self.ask("PUT", url, **how)

    def delete(self, url: str, **how: Any) -> WireAnswer:
        """Writes. A redirect is not followed."""
        return self.ask("DELETE", url, **how)

    def ask(
        self,
        method: str,
        url: str,
        *,
        params: dict[str, str | int] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        also: Iterable[int] = (),
        deadline_seconds: float = DEADLINE_SECONDS,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> WireAnswer:
        """One request. `auth`: user and password (Basic). Statuses in `also` are returned, not raised."""
        body = msgspec.json.encode(json) if json is not None else content
        wanted = {"user-agent": "Bankside", "accept": "application/json", "accept-encoding": "gzip"}
        wanted |= {"connection": "close"} | ({"content-type": "application/json"} if json is not None else {})
        wanted |= {"authorization": _basic(*auth)} if auth else {}
        wanted |= {name.lower(): value for name, value in (headers or {}).items()}
        try:
            request = httpx.Request(method, url, params=params, headers=wanted, content=body)
        except (httpx.InvalidURL, ValueError, TypeError):
            raise Refused(Said("The address is not one that can be called.")) from None
        answer = self._follow(request, time.monotonic() + deadline_seconds, bytes_max)
        if answer.status not in also:
            self.raise_for(answer)
        return answer

    def redacted(self, text: str) -> str:
        """The text without any secret of this channel, in whatever form it was written."""
        return answers.redacted(text, self._hidden)

    # --- one exchange --------------------------------------------------------------------------------
    def _follow(self, request: httpx.Request, deadline: float, bytes_max: int) -> WireAnswer:
        for _ in range(REDIRECTS_MAX + 1):
            answer = self._exchange(request, deadline, bytes_max)
            location = answer.headers.get("location", "")
            if answer.write or answer.status not in {301, 302, 303, 307, 308} or not location:
                return answer
            request = _redirected(request, location)
        raise Refused(
            Said("The network sends us in circles: more than %(most)s redirects.", most=REDIRECTS_MAX)
        )

    def _exchange(self, request: httpx.Request, deadline: float, bytes_max: int) -> WireAnswer:
        self._check(request.url)
        if self._proxy and self._transport is None:
            self._check_behind_proxy(request.url)
        write, began = request.method != "GET", time.monotonic()
        request.extensions = {"timeout": _timeouts()}
        with self._sockets(deadline) as sockets, self._troubles(request, write):
            response = sockets.handle_request(request)
            try:
                content = _content(response, bytes_max, deadline, write)
            finally:
                response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._note(request, response.status_code, len(content), time.monotonic() - began)
        return WireAnswer(response.status_code, headers, content, write)

    @contextmanager
    def _sockets(self, deadline: float) -> Iterator[httpx.BaseTransport]:
        """The injected transport, or sockets of our own for this one exchange."""
        if self._transport is not None:
            yield self._transport
            return
        made = pinned.transport(
            deadline=deadline, private=self._is_private, resolve=self._resolve, proxy=self._proxy
        )
        with made as sockets:
            yield sockets

    @contextmanager
    def _troubles(self, request: httpx.Request, write: bool) -> Iterator[None]:
        """Transport trouble as the contract says it. Nothing of the request goes into the new error."""
        where = self.redacted(request.url.host)
        try:
            yield
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.ProxyError,  # the proxy would not let us through: nothing was sent
            httpx.UnsupportedProtocol,
        ) as trouble:
            error = type(trouble).__name__
            reason = Said("%(host)s cannot be reached (%(error)s).", host=where, error=error)
            raise Later(WAIT_SECONDS, reason) from None
        except (httpx.RequestError, httpx.StreamError) as trouble:
            error = type(trouble).__name__
            reason = Said("%(host)s did not answer to the end (%(error)s).", host=where, error=error)
            raise (Uncertain(reason) if write else Later(WAIT_SECONDS, reason)) from None

    def _note(self, request: httpx.Request, status: int, size: int, seconds: float) -> None:
        """One line without a query, a header or a body."""
        place = self.redacted(f"{request.url.host}{request.url.path}")
        log.debug("%s %s -> %d, %d bytes, %.0f ms", request.method, place, status, size, seconds * 1000)

    # --- where it may go -----------------------------------------------------------------------------
    def _check(self, url: httpx.URL) -> None:
        """Raises Refused for a host that is not on the list, and for words in the clear to the outside."""
        host, port = url.raw_host.decode("ascii"), url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
        bare = f"[{host}]" if ":" in host else host
        listed = bare in self._hosts and url.port is None
        if (
            url.scheme not in {"http", "https"}
            or url.userinfo
            or not (listed or f"{bare}:{port}" in self._hosts)
        ):
            raise Refused(Said("%(host)s is not one of the hosts that this channel may reach.", host=bare))
        if url.scheme == "http" and not self._is_private(host, port):
            raise Refused(
                Said("%(host)s is called without encryption; give the address with https://.", host=bare)
            )

    def _check_behind_proxy(self, url: httpx.URL) -> None:
        """A proxy looks names up by itself. What the desk sees to be inside the house is refused before."""
        host, port = url.raw_host.decode("ascii"), url.port or {"https": 443, "http": 80}[url.scheme]
        try:
            addresses = self._resolve(host, port)
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            return  # in such a house names of the outside are often known to the proxy alone
        pinned.checked(host, addresses, private=self._is_private(host, port))

    def _is_private(self, host: str, port: int) -> bool:
        host = f"[{host}]" if ":" in host else host.lower()
        return host in self._private_hosts or f"{host}:{port}" in self._private_hosts

    # --- what the answer means -----------------------------------------------------------------------
    def raise_for(self, answer: WireAnswer) -> None:
        """Raises what the status means; nothing when the network did what was asked."""
        status, words = answer.status, self._words(answer)
        if status < 300:
            return
        wait = answers.retry_after(answer.headers.get("retry-after", ""))
        if status == 429 and not wait:
            wait = answers.until_reset(answer.headers.get("ratelimit-reset", ""))
        match status:
            case 401:
                raise Reconnect(words)
            case 403:
                raise NotAllowed(words)
            case 404 | 410:
                raise Gone(words)
            case 408 | 425 | 429:
                raise Later(wait or WAIT_SECONDS, words)
            case 503 if wait:
                raise Later(wait, words)
            case _ if status >= 500:
                raise answer.nonsense(words)
            case _ if status >= 400:
                raise Refused(words)
        raise Refused(
            Said(
                "The network sends us elsewhere (%(status)s); check the address of the channel.",
                status=str(status),
            )
        )

    def _words(self, answer: WireAnswer) -> str:
        """What the network says about it, without our secrets; its status when it says nothing."""
        plain = self.redacted(answers.said_by(answer.headers.get("content-type", ""), answer.content))
        if not plain:
            return Said("The network answered %(status)s.", status=str(answer.status))
        return f"{plain} ({answer.status})"


def _ascii(host: str) -> str:
    """A host of a list, with its port if it has one, as it stands in a request."""
    try:
        return host.lower() if host.isascii() else host.lower().encode("idna").decode("ascii")
    except UnicodeError:
        raise Refused(Said("'%(host)s' is not the name of a host.", host=host)) from None


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _timeouts() -> dict[str, float]:
    idle = IDLE_SECONDS_MAX
    return {"connect": CONNECT_SECONDS_MAX, "read": idle, "write": idle, "pool": CONNECT_SECONDS_MAX}


def _redirected(request: httpx.Request, location: str) -> httpx.Request:
    """The same question at the new place; credentials stay where they were given."""
    try:
        url = request.url.join(location)
    except httpx.InvalidURL:
        raise Refused(Said("The network sends us to an address that is none.")) from None
    headers = {n: v for n, v in request.headers.items() if n.lower() != "host"}
    if _origin(url) != _origin(request.url):
        headers = {n: v for n, v in headers.items() if n.lower() not in {"authorization", "cookie"}}
    return httpx.Request("GET", url, headers=headers)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


# --- reading within limits ---------------------------------------------------------------------------
def _content(response: httpx.Response, bytes_max: int, deadline: float, write: bool) -> bytes:
    """The whole body, unpacked, within its limits of size and time."""
    if response.is_stream_consumed:  # an injected transport has read and unpacked it
        return response.content
    unpack = _unpacker(response.headers.get("content-encoding", "").strip().lower())
    found = bytearray()
    assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - for the type checker
    for chunk in response.stream:
        found += unpack(chunk, bytes_max + 1 - len(found))
        if len(found) > bytes_max:
            raise _too_much(Said("The answer is larger than %(number)s bytes.", number=bytes_max), write)
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("The time for the whole exchange is over.")
    return bytes(found)


def _unpacker(encoding: str) -> Any:
    if encoding in {"", "identity"}:
        return lambda chunk, _: chunk
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise httpx.DecodingError(f"Unknown content encoding {encoding!r}.")
    unpacker = zlib.decompressobj(wbits=47)  # 32 + 15: finds out by itself whether it is gzip or zlib

    def unpack(chunk: bytes, length_max: int) -> bytes:
        """Never unpacks more than asked: a bomb of a few bytes stays a few bytes."""
        try:
            return unpacker.decompress(chunk, length_max)
        except zlib.error:
            raise httpx.DecodingError("The answer is packed wrongly.") from None

    return unpack


def _too_much(reason: str, write: bool) -> Exception:
    return Uncertain(reason) if write else Refused(reason)
