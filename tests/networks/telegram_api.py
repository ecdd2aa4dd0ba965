"""Telegram's own list of methods and types (Bot API 10.1, specs/telegram), against calls and answers.

A call may name only parameters that its method has, all that it requires, each of its type; an answer must be
of the type that the method returns, with known fields alone.
"""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.networks import specs
from tests.networks.pretended.telegram import parameters_of

FILE = "telegram/bot-api-10.1.json.gz"
PLAIN: dict[str, tuple[type, ...]] = {
    "Integer": (int,), "Float": (int, float), "String": (str,), "Boolean": (bool,), "InputFile": (bytes,),
}  # fmt: skip


def missing() -> str:
    """Why a test that needs the list is skipped; empty when it is there."""
    return specs.missing(FILE)


class Comparing(httpx.BaseTransport):
    """A server, and what was said to it and by it that is not in the list. `calls`: the methods."""

    def __init__(self, server: httpx.BaseTransport) -> None:
        self.violations: list[str] = []
        self.calls: set[str] = set()
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        method = request.url.path.rpartition("/")[2]
        self.calls.add(method)
        self.violations += of_call(method, parameters_of(request))
        answer = self._server.handle_request(request)
        self.violations += of_answer(method, answer)
        return answer


def of_call(method: str, given: dict[str, Any]) -> list[str]:
    """What is wrong with a call."""
    known = specs.document(FILE)["methods"].get(method)
    if known is None:
        return [f"{method}: no such method"]
    files = {name: value for name, value in given.items() if isinstance(value, bytes)}
    fields = {field["name"]: field for field in known.get("fields", [])}
    found = [f"{method}: no parameter {name}" for name in given if name not in fields and name not in files]
    found += [
        f"{method}: {n} is missing" for n, field in fields.items() if field["required"] and n not in given
    ]
    for name, value in given.items():
        if name in fields:
            found += _wrong(f"{method}.{name}", _parsed(value, fields[name]["types"]), fields[name]["types"])
    attached = {part[9:] for part in _texts(list(given.values())) if part.startswith("attach://")}
    return found + [
        f"{method}: {name} is attached and not there, or the other way" for name in attached ^ set(files)
    ]


def of_answer(method: str, answer: httpx.Response) -> list[str]:
    """What is wrong with an answer: its result, or the form of a refusal."""
    told = json.loads(answer.content)
    if not told.get("ok"):
        wanted = (
            {"ok", "error_code", "description"}
            <= set(told)
            <= {"ok", "error_code", "description", "parameters"}
        )
        return [] if wanted else [f"{method}: a refusal has another form"]
    return _wrong(method, told["result"], specs.document(FILE)["methods"][method]["returns"])


def of_type(value: Any, name: str) -> list[str]:
    """What is wrong with a value of a named type."""
    return _wrong(name, value, [name])


def _parsed(value: Any, types: list[str]) -> Any:
    """What stands in a query is text: a number or JSON where the method wants no text."""
    if isinstance(value, str) and "String" not in types and not any(t in {"InputFile"} for t in types):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _wrong(place: str, value: Any, types: list[str]) -> list[str]:
    """Empty when one of the types fits; else what the nearest has against it."""
    tried = [_against(place, value, name) for name in types]
    return min(tried, key=len) if tried else []


def _against(place: str, value: Any, name: str) -> list[str]:
    if name.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{place}: no list"]
        return [w for n, one in enumerate(value) for w in _wrong(f"{place}.{n}", one, [name[9:]])]
    if name in PLAIN:
        fits = isinstance(value, PLAIN[name]) and (name == "Boolean" or not isinstance(value, bool))
        return [] if fits else [f"{place}: no {name}"]
    known = specs.document(FILE)["types"][name]
    if "subtypes" in known:
        return _wrong(place, value, known["subtypes"])
    if not isinstance(value, dict):
        return [f"{place}: no {name}"]
    fields = {field["name"]: field for field in known.get("fields", [])}
    found = [f"{place}: {name} has no {n}" for n in value if n not in fields]
    found += [
        f"{place}: {n} is missing" for n, field in fields.items() if field["required"] and n not in value
    ]
    for n, one in value.items():
        if n in fields:
            found += _wrong(f"{place}.{n}", one, fields[n]["types"])
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]
