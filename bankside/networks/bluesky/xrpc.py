"""Calls of an account's server (XRPC), and what its answers mean in the words of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from bankside.networks.contract import Expired, Later, Reconnect, Refused, Uncertain
from bankside.networks.dpop import Prover
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said, joined

UPLOAD_SECONDS = 60.0

ENDED = frozenset({"ExpiredToken"})
DEAD = frozenset({"InvalidToken", "AuthMissing", "AuthenticationRequired", "AccountTakedown"})

T = TypeVar("T")


class Trouble(msgspec.Struct):
    """What a server says when it does not do what was asked."""

    error: str = ""
    message: str = ""


class Server:
    """One account's server. `secrets` holds `access` and, after signing in there, `dpop_key`."""

    def __init__(self, wire: Wire, address: str, secrets: dict[str, str]) -> None:
        self._wire, self._address = wire, address.rstrip("/")
        self._access = secrets.get("access", "")
        key = secrets.get("dpop_key", "")
        self._prover = Prover(wire, key, self._access) if key else None

    def get(self, nsid: str, kind: type[T], params: dict[str, Any] | None = None) -> T:
        """A question, and its answer as what it should be."""
        return understood(self._ask("GET", nsid, params=params), kind)

    def find(self, nsid: str, kind: type[T], params: dict[str, Any], absent: frozenset[str]) -> T | None:
        """The same; None when the server says that there is no such thing, by one of these errors."""
        answer = self._ask("GET", nsid, params=params, also=(400, 404))
        if answer.status == 200:
            return understood(answer, kind)
        if answer.status == 404 or trouble(answer).error in absent:
            return None
        self._wire.raise_for(answer)
        raise answer.nonsense(Said("The server answered something unknown."))

    def post(self, nsid: str, body: Any, *, also: Iterable[int] = ()) -> WireAnswer:
        """An order. Statuses in `also` are given back, unless they speak of tokens."""
        return self._ask("POST", nsid, json=body, also=also)

    def upload(self, data: bytes, mime: str) -> WireAnswer:
        """A file, which stays only if a record names it soon."""
        nsid, headers = "com.atproto.repo.uploadBlob", {"content-type": mime}
        try:
            return self._ask("POST", nsid, content=data, headers=headers, deadline_seconds=UPLOAD_SECONDS)
        except Uncertain as doubt:  # nothing is said yet; the same bytes are the same file at the next try
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _ask(
        self,
        method: str,
        nsid: str,
        *,
        headers: dict[str, str] | None = None,
        also: Iterable[int] = (),
        **how: Any,
    ) -> WireAnswer:
        url, wanted = f"{self._address}/xrpc/{nsid}", frozenset(also)
        known = wanted | {400, 401}
        if self._prover:
            answer = self._prover.ask(method, url, headers=headers, also=known, **how)
        else:
            carried = {"authorization": f"Bearer {self._access}"} if self._access else {}
            answer = self._wire.ask(method, url, headers={**(headers or {}), **carried}, also=known, **how)
        _judge_tokens(answer)
        if answer.status not in wanted:
            self._wire.raise_for(answer)
        return answer


def session_of(wire: Wire, address: str, nsid: str, *, token: str = "", body: Any = None) -> WireAnswer:
    """A call that makes or renews a session; 400 and 401 are given back."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    url = f"{address.rstrip('/')}/xrpc/{nsid}"
    return wire.post(url, json=body, headers=headers, also=(400, 401))


def trouble(answer: WireAnswer) -> Trouble:
    """What an error answer says; empty when it says nothing that is known."""
    try:
        return msgspec.json.decode(answer.content, type=Trouble)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Trouble()


def understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        raise answer.nonsense(
            Said("Bluesky answered something unknown: %(strange)s.", strange=str(strange))
        ) from None


def _judge_tokens(answer: WireAnswer) -> None:
    """The server did not look at what was asked, because of the token that came with it."""
    if answer.status not in {400, 401}:
        return
    said = trouble(answer)
    stale = 'error="invalid_token"' in answer.headers.get("www-authenticate", "")
    if said.error in ENDED or stale:
        raise Expired()
    if answer.status == 401 or said.error in DEAD:
        refusal = Said("Bluesky does not accept this account any more.")
        raise Reconnect(joined((refusal, said.message)) if said.message else refusal)


def refused(answer: WireAnswer) -> Refused:
    """The server's own words for what it does not take."""
    said = trouble(answer)
    return Refused(
        said.message or said.error or Said("Bluesky answered %(status)s.", status=str(answer.status))
    )
