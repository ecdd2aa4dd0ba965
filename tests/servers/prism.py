"""Prism before a fake: every request and every answer is compared with the vendor's OpenAPI document.

A document is a file of the specification folder, JSON or YAML, packed (.gz) or not. Prism runs as the
validating proxy (`prism proxy --errors`) on a free port of 127.0.0.1, and asks the fake behind it only what
the document allows; what the fake answers must be in the document too. It proves the shape of requests and
answers, not lengths of text, state or rights.

    @pytest.fixture(scope="module")
    def running() -> Iterator[Prism]:
        with prism("x/openapi-v2.json.gz") as started:
            yield started

    @pytest.mark.server("prism")
    def test_every_call_is_in_the_document(running: Prism) -> None:
        fake = fake_of(NAME)
        checked = running.before(fake)
        connector = fake.connector(checked)
        connector.whoami()
        assert checked.violations == [] and checked.calls == ["GET /2/users/me"]

A request that the document does not allow is never given to the fake: the connector gets Prism's refusal
(422, or 404 for a path that is not there), and `violations` says what was wrong. An answer of the fake that
the document does not allow becomes a 500. `fake.failing` works as without Prism, and those answers are
compared too. An unknown field is wrong only where the document closes its objects with
`additionalProperties: false` (some vendors never do). One proxy serves any number of
fakes, one after the other: `before` for each.
"""

from __future__ import annotations

import ctypes
import gzip
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.networks import specs
from tests.servers import in_thread
from tests.servers.prism_install import NotInstalled, command, installed
from tests.servers.program import free_port

PR_SET_PDEATHSIG = 1
"""Below those that the system gives to every connection that goes out."""
START_SECONDS_MAX = 90
STARTS_MAX = 3
ANSWER_SECONDS_MAX = 30
NUMBER = "x-number-of-the-test"
PROBLEM = "https://stoplight.io/prism/errors#"
DROPPED = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding"})


@dataclass
class Exchange:
    """A request, the fake that it is for, and how that one took it."""

    request: httpx.Request
    fake: httpx.BaseTransport
    answer: httpx.Response | None = None
    trouble: BaseException | None = None


class Checked(httpx.BaseTransport):
    """A fake behind Prism, for a connector's wire. `calls`: what was asked, as `METHOD /path`.

    `violations`: what was not in the document, one line each: the call, the place, the reason.
    """

    def __init__(self, running: Prism, fake: httpx.BaseTransport) -> None:
        self.calls: list[str] = []
        self.violations: list[str] = []
        self._running, self._fake = running, fake

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        call = f"{request.method} {request.url.path}"
        self.calls.append(call)
        exchange = Exchange(request, self._fake)
        answer = self._running.ask(exchange)
        if exchange.trouble:
            raise exchange.trouble
        found = violations(answer)
        self.violations += [f"{call}: {what}" for what in found]
        # Prism writes bytes that are no text anew: so the fake's own answer goes on where it was let through.
        return answer if found or exchange.answer is None else exchange.answer


@dataclass
class Prism:
    """A running proxy for one document."""

    url: str
    waiting: dict[str, Exchange] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def before(self, fake: httpx.BaseTransport) -> Checked:
        """This fake, with everything that is said to it and by it compared."""
        return Checked(self, fake)

    def ask(self, exchange: Exchange) -> httpx.Response:
        """One request by way of the proxy. Behind it the fake gets the request itself, with its host."""
        number, request = str(next(self._numbers)), exchange.request
        self.waiting[number] = exchange
        headers = {**request.headers, "host": urlsplit(self.url).netloc, NUMBER: number}
        address = f"{self.url}{request.url.raw_path.decode()}"
        try:
            with httpx.Client(timeout=ANSWER_SECONDS_MAX, trust_env=False) as client:
                answer = client.request(request.method, address, headers=headers, content=request.content)
        finally:
            del self.waiting[number]
        kept = [(name, value) for name, value in answer.headers.items() if name not in DROPPED]
        return httpx.Response(answer.status_code, headers=kept, content=answer.content)


def violations(answer: httpx.Response) -> list[str]:
    """What Prism has against a request or an answer; warnings are none."""
    told = answer.headers.get("sl-violations", "")
    if told.startswith("Too many violations! "):
        return [told]
    problem = _problem(answer)
    listed = json.loads(told or "[]") or problem.get("validation", [])
    found = [v for v in listed if v["severity"] == "Error"]
    if problem and not found:
        return [f"{problem['title']}: {problem.get('detail', '')}"]
    return [f"{'.'.join(map(str, v['location']))}: {v['message']}" for v in found]


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """What Prism says itself, in the place of the fake; {} when the fake has spoken."""
    if "problem+json" not in answer.headers.get("content-type", ""):
        return {}
    said: Any = answer.json()
    ours = isinstance(said, dict) and str(said.get("type", "")).startswith(PROBLEM)
    return said if ours else {}


@contextmanager
def prism(document: str) -> Iterator[Prism]:
    """Prism for a document of the specification folder, `x/openapi-v2.json.gz` for example.

    Skips the test, with the reason, when the document or Prism cannot be had. Starting takes 4 to 10 s.
    """
    path = specs.path_of(document)
    if path is None:
        pytest.skip(specs.missing(document))
    try:
        kept = installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with running(kept, path) as started:
        yield started


@contextmanager
def running(kept: Path, document: Path) -> Iterator[Prism]:
    """Starts the proxy and what stands behind it; ends both whatever happens."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bankside-prism-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        file = folder / document.name.removesuffix(".gz")
        packed = document.read_bytes()
        plain = gzip.decompress(packed) if document.suffix == ".gz" else packed
        file.write_bytes(_with_either(plain) if file.suffix == ".json" else plain)
        found = Prism(url="")
        upstream = stack.enter_context(_fakes(found.waiting))
        found.url = _started(stack, kept, file, upstream)
        yield found


def _with_either(document: bytes) -> bytes:
    """The document, with one content in the place of several kinds of JSON: any of their forms will do.

    Prism takes `application/problem+json` for `application/json`, and would want the form of the first.
    """
    decoded: Any = json.loads(document)
    contents = [
        found for found in _contents(decoded) if len(found) > 1 and all("json" in kind for kind in found)
    ]
    for content in contents:
        either = {"schema": {"anyOf": [one["schema"] for one in content.values()]}}
        content.clear()
        content["application/json"] = either
    return json.dumps(decoded).encode()


def _contents(node: Any) -> Iterator[dict[str, Any]]:
    """Every `content` of a response, wherever it stands."""
    for name, value in node.items() if isinstance(node, dict) else enumerate(node):
        if name == "responses" and isinstance(value, dict):
            yield from (r["content"] for r in value.values() if isinstance(r, dict) and "content" in r)
        if isinstance(value, dict | list):
            yield from _contents(value)


def _started(stack: ExitStack, kept: Path, file: Path, upstream: str) -> str:
    """The proxy's address. A port may be taken before it is used: then another one is tried."""
    for number in range(STARTS_MAX):
        port = free_port()
        log = file.parent / f"prism-{number}.log"
        words = ["proxy", "--errors", "--host", "127.0.0.1", "--port", str(port), str(file), upstream]
        environment = {"NODE_ENV": "development", "NO_COLOR": "1", "TMPDIR": str(file.parent)}
        process = stack.enter_context(_process([*command(kept), *words], log, environment))

        _wait(process, log)
        if process.poll() is None:
            return f"http://127.0.0.1:{port}"
    raise AssertionError(f"Prism has ended: {log.read_text()[-2000:]}")


@contextmanager
def _fakes(waiting: dict[str, Exchange]) -> Iterator[str]:
    """A port of 127.0.0.1 at which the fakes answer, each to the request that Prism let through."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            exchange = waiting[self.headers[NUMBER]]
            try:
                answer = exchange.answer = exchange.fake.handle_request(exchange.request)
            except BaseException as trouble:
                exchange.trouble, answer = trouble, httpx.Response(500)
            content = answer.read()
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name not in DROPPED:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with in_thread.served(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


# --- the process -----------------------------------------------------------------------------------------
@contextmanager
def _process(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; the whole group is ended, also when the tests are killed."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True, cwd="/",
            env={**os.environ, **environment}, preexec_fn=_end_with_parent,
        )  # fmt: skip
    try:
        yield process
    finally:
        for sign, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            try:
                os.killpg(process.pid, sign)
                process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    """Until Prism says that it listens, or has ended. Raises TimeoutError."""
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end:
        if "Prism is listening" in log.read_text() or process.poll() is not None:
            return
        time.sleep(0.05)
    raise TimeoutError(f"Prism did not start within {START_SECONDS_MAX} s: {log.read_text()[-2000:]}")


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
