"""Meta's Graph API, as three networks speak it: a call, what is wrong with it, how much may still be asked.

Errors are read by their codes (developers.facebook.com/docs/graph-api/guides/error-handling, read
2026-11-28), usage by the headers `X-App-Usage` and `X-Business-Use-Case-Usage` (…/overview/rate-limiting).
Tokens go into a header, so that no address holds one. Written from the documents: no Meta server was tried.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from bankside.networks.contract import Gone, Later, NotAllowed, Reconnect, Refused
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

VERSION = "v26.0"  # Meta's own SDK 26.0.3 of 2026-11-04 speaks it; a version lives about two years
FULL_PERCENT = 100
FULL_SECONDS = 600.0
"""How long to wait when everything is used and no header says for how long: windows are an hour, and roll."""
BUSY_SECONDS = 300.0
NOT_READY_SECONDS = 10.0
WAIT_SECONDS_MAX = 86_400.0
WORDS_LENGTH_MAX = 300
_NUMBER = re.compile(r"^\(#\d+\)\s*")
REMOTE_ID = re.compile(r"[A-Za-z0-9_.$:=+-]{1,200}")

SIGNED_OUT = frozenset({102, 190})
TOO_OFTEN = frozenset({4, 9, 17, 32, 341, 613, *range(80_000, 80_015)})
NOT_READY = frozenset({9007})
NO_RIGHT = frozenset({3, 10, *range(200, 300)})
IN_TROUBLE = frozenset({-1, -2, 1, 2})
NOT_THERE_SUBCODE = 33

T = TypeVar("T")


class Trouble(msgspec.Struct):
    """What an answer says is wrong. `code` 0: it says nothing that we know."""

    message: str = ""
    code: int = 0
    error_subcode: int = 0
    is_transient: bool = False
    error_user_msg: str | None = None


class _Wrong(msgspec.Struct):
    error: Trouble


class _Cursors(msgspec.Struct):
    after: str = ""


class Paging(msgspec.Struct):
    cursors: _Cursors = msgspec.field(default_factory=_Cursors)
    next: str = ""

    @property
    def after(self) -> str:
        """Where the next page begins; empty when there is none. Never a foreign address."""
        return self.cursors.after if self.next else ""


class Listed(msgspec.Struct):
    """A page of a list."""

    data: list[Any] = []
    paging: Paging = msgspec.field(default_factory=Paging)


class Made(msgspec.Struct):
    """What was made: everything that is made has an id."""

    id: str


class Graph:
    """Calls with one token. After an answer that says that all is used, nothing more is asked."""

    def __init__(self, wire: Wire, base: str, token: str, *, fallback: str = "") -> None:
        self._wire, self._base, self._token, self._fallback = wire, base, token, fallback
        self._wait = 0.0

    def get(self, path: str, kind: type[T], **params: str | int) -> T:
        """A question, and its answer as what it should be."""
        return understood(self.ask("GET", path, params=params), kind)

    def post(self, path: str, kind: type[T], **given: Any) -> T:
        """Something to be done, with what it needs as JSON."""
        return understood(self.ask("POST", path, json=given), kind)

    def there(self, path: str, kind: type[T], **params: str | int) -> T | None:
        """One thing; None when it is gone, or not for us to see."""
        try:
            return self.get(path, kind, **params)
        except Gone:
            return None

    def delete(self, path: str) -> None:
        """Takes something away; what is gone already counts."""
        try:
            self.ask("DELETE", path)
        except Gone:
            return

    def pages(self, path: str, kind: type[T], pages_max: int, **params: str | int) -> Iterator[list[T]]:
        """The pages of a list, the first one first, at most so many."""
        for _ in range(pages_max):
            listed = self.get(path, Listed, **params)
            yield items_of(listed, kind)
            if not listed.paging.after:
                return
            params["after"] = listed.paging.after

    def ask(self, method: str, path: str, **how: Any) -> WireAnswer:
        """One call. Raises what a refusal means by its code."""
        if not self._token:
            raise Reconnect(Said("The access token is missing, and nobody has signed in at the network."))
        if self._wait:
            raise Later(self._wait, Said("The network lets in no more calls for now."))
        headers = {**how.pop("headers", {}), "authorization": f"Bearer {self._token}"}
        answer = self._wire.ask(method, f"{self._base}/{path}", headers=headers, also=range(400, 600), **how)
        self._wait = wait_seconds(answer.headers)
        if answer.status >= 400:
            raise self._refused(answer)
        return answer

    def _refused(self, answer: WireAnswer) -> Exception:
        trouble, busy = _trouble(answer), self._wait or BUSY_SECONDS
        self._wait = 0.0
        words = self._words(trouble)
        match trouble.code:
            case code if code in SIGNED_OUT:
                return Reconnect(words)
            case code if code in TOO_OFTEN:
                return Later(busy, words)
            case code if code in NOT_READY:
                return Later(NOT_READY_SECONDS, words)
            case code if code in NO_RIGHT:
                return NotAllowed(words, self._fallback)
            case 803:
                return Gone(words)
            case 100 if trouble.error_subcode == NOT_THERE_SUBCODE:
                return Gone(words)
            case code if code in IN_TROUBLE or trouble.is_transient:
                return answer.nonsense(words)
            case 0:
                return self._by_status(answer)
        return answer.nonsense(words) if answer.status >= 500 else Refused(words, self._fallback)

    def _by_status(self, answer: WireAnswer) -> Exception:
        """An answer without a code that we could read: what its status means."""
        try:
            self._wire.raise_for(answer)
        except Exception as meant:
            return meant
        return answer.nonsense(Said("The answer of the network is not JSON."))

    def _words(self, trouble: Trouble) -> str:
        """The network's own words, as one short line without our secrets."""
        said = trouble.error_user_msg or trouble.message
        plain = self._wire.redacted(" ".join(_NUMBER.sub("", said).split()))
        number = f"{trouble.code}/{trouble.error_subcode}" if trouble.error_subcode else str(trouble.code)
        return f"{plain[:WORDS_LENGTH_MAX]} ({number})"


# --- what an answer says ---------------------------------------------------------------------------------
def understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        said = Said("The network answered something unknown: %(strange)s.", strange=strange)
        raise answer.nonsense(said) from None


def items_of(listed: Listed, kind: type[T]) -> list[T]:
    """What stands in a list. A thing that cannot be understood is left out: it may not hold up the rest."""
    found = []
    for thing in listed.data:
        try:
            found.append(msgspec.convert(thing, kind))
        except msgspec.ValidationError:
            continue
    return found


def wait_seconds(headers: dict[str, str]) -> float:
    """Seconds until something may be asked again, by the usage headers; 0 while there is something left."""
    found = [0.0]
    for use in _uses(headers):
        shares = [use.get(name) for name in ("call_count", "total_time", "total_cputime")]
        if any(isinstance(share, int | float) and share >= FULL_PERCENT for share in shares):
            minutes = use.get("estimated_time_to_regain_access")
            told = float(minutes) * 60 if isinstance(minutes, int | float) and minutes > 0 else FULL_SECONDS
            found.append(min(told, WAIT_SECONDS_MAX))
    return max(found)


def _uses(headers: dict[str, str]) -> list[dict[str, Any]]:
    """Every use that the headers tell of: of the app, and of each business use case."""
    found: list[Any] = []
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            said = msgspec.json.decode(headers.get(name, "") or "{}")
        except (msgspec.MsgspecError, RecursionError):
            continue
        if isinstance(said, dict):
            found += [said, *(use for uses in said.values() if isinstance(uses, list) for use in uses)]
    return [use for use in found if isinstance(use, dict)]


def _trouble(answer: WireAnswer) -> Trouble:
    try:
        return msgspec.json.decode(answer.content, type=_Wrong).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Trouble()


# --- words and names -------------------------------------------------------------------------------------
def ms_of(moment: str) -> int:
    """UTC milliseconds of `2026-11-28T09:50:10+0000`; 0 for what is no moment."""
    try:
        parsed = datetime.datetime.fromisoformat(moment)
        return max(int(parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0


def version_of(text: str) -> str:
    """Meta dates no change of a comment: a digest of its words, the same by hook and by poll."""
    return "h" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def same(one: str, other: str) -> bool:
    """The same words, whatever the spaces."""
    return one.split() == other.split()


def path_of(remote_id: str) -> str:
    """An id as a part of an address. Raises Gone for what the network cannot have."""
    if not REMOTE_ID.fullmatch(remote_id) or set(remote_id) == {"."}:
        raise Gone(Said("'%(remote_id)s' is nothing that this network has.", remote_id=remote_id))
    return remote_id
