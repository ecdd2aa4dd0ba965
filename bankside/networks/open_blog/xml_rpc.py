"""XML-RPC over the wire: one call, one answer. http://xmlrpc.com/spec.md, read 2026-11-28.

An answer comes from outside, so a document type, which the protocol has no use for, is refused: without one
there are no entities to expand and no files to open.
"""

from __future__ import annotations

import xmlrpc.client  # for its forms; its parser is not used, see `value_in`
from typing import Any
from xml.parsers import expat

from bankside.networks.contract import Later, Uncertain
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

DEPTH_MAX = 100
Fault = xmlrpc.client.Fault


class NoAnswer(ValueError):
    """These bytes are no answer of XML-RPC."""


def write(wire: Wire, place: str, method: str, *params: Any, seconds: float = 20.0) -> tuple[Any, WireAnswer]:
    """Calls what changes something. Raises Fault, and what the wire raises of a write."""
    body = xmlrpc.client.dumps(params, method, encoding="utf-8").encode("utf-8", "surrogatepass")
    headers = {"content-type": "text/xml; charset=utf-8", "accept": "text/xml"}
    answer = wire.post(place, content=body, headers=headers, deadline_seconds=seconds)
    try:
        return value_in(answer.content), answer
    except NoAnswer as strange:
        raise answer.nonsense(str(strange)) from None


def read(wire: Wire, place: str, method: str, *params: Any) -> Any:
    """Calls what changes nothing: an answer that was lost is no doubt."""
    try:
        return write(wire, place, method, *params)[0]
    except Uncertain as lost:
        raise Later(60, lost.reason) from lost


def value_in(content: bytes) -> Any:
    """The value in an answer. Raises Fault when it tells of one, and NoAnswer."""
    made, depth = xmlrpc.client.Unmarshaller(use_builtin_types=True), 0

    def start(tag: str, named: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise NoAnswer
        made.start(tag, named)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        made.end(tag)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, made.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        made.xml("", None)  # no encoding: the parser decodes
        parser.Parse(content.strip(), True)
        [value] = made.close()
    except Fault:
        raise
    except Exception:  # of any kind: whoever answers chose what the library stumbles over
        raise NoAnswer(Said("The answer of the blog is no XML-RPC.")) from None
    return value


def _refuse(*_: Any) -> None:
    raise NoAnswer
