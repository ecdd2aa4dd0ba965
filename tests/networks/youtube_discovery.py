"""Compares requests and answers with Google's discovery file of the YouTube Data API v3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx

from tests.networks import specs

FILE = "youtube/youtube.v3.json.gz"
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "boolean": (bool,), "array": (list,), "object": (dict,),
    "number": (int, float),
}  # fmt: skip
FILTERS = {
    "GET youtube/v3/commentThreads": {"allThreadsRelatedToChannelId", "channelId", "id", "videoId"},
    "GET youtube/v3/comments": {"id", "parentId"},
    "GET youtube/v3/videos": {"chart", "id", "myRating"},
}
"""Exactly one of these is given: the pages of the methods say so, the file does not."""


class Comparing(httpx.BaseTransport):
    """Passes requests on, and keeps what is not in the file. `calls`: what was asked, as `METHOD path`."""

    def __init__(self, behind: httpx.BaseTransport) -> None:
        self.calls: list[str] = []
        self.violations: list[str] = []
        self._behind = behind

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        call = f"{request.method} {request.url.path.removeprefix('/upload').lstrip('/')}"
        self.calls.append(call)
        method = methods().get(call)
        if request.url.path.startswith("/upload/"):
            return self._uploaded(request, call)
        if method is None or not str(request.url).startswith(document()["rootUrl"]):
            self.violations.append(f"{call}: no such method")
            return self._behind.handle_request(request)
        answer = self._behind.handle_request(request)
        found = [*wrong_query(call, method, dict(request.url.params)), *wrong_body(method, request.content)]
        if answer.is_success:
            found += wrong_answer(method, answer.read())
        self.violations += [f"{call}: {what}" for what in found]
        return answer

    def _uploaded(self, request: httpx.Request, call: str) -> httpx.Response:
        """What is put up: first what it is, then its bytes, whose address the answer before gave."""
        method = methods()["POST youtube/v3/videos"]
        query = dict(request.url.params)
        told = {name: value for name, value in query.items() if name not in ("uploadType", "upload_id")}
        found = [] if request.url.path in uploads_of(method) else ["is no place for uploads"]
        answer = self._behind.handle_request(request)
        if request.method == "POST":
            found += [*wrong_query(call, method, told), *wrong_body(method, request.content)]
        elif answer.is_success:
            found += wrong_answer(method, answer.read())
        self.violations += [f"{call}: {what}" for what in found]
        return answer


def uploads_of(method: dict[str, Any]) -> list[str]:
    """The paths to which the bytes of a method go."""
    return [protocol["path"] for protocol in method["mediaUpload"]["protocols"].values()]


def document() -> dict[str, Any]:
    """The file; skips the test when it is not there."""
    found: dict[str, Any] = specs.document(FILE)
    return found


def methods() -> dict[str, dict[str, Any]]:
    """Every method by `METHOD path`."""
    every = [m for r in document()["resources"].values() for m in r.get("methods", {}).values()]
    return {f"{m['httpMethod']} {m['path']}": m for m in every}


def wrong_query(call: str, method: dict[str, Any], query: dict[str, str]) -> Iterator[str]:
    known = {**document()["parameters"], **method["parameters"]}
    for name, rule in known.items():
        if rule.get("required") and not query.get(name):
            yield f"{name} is required"
    for name, value in query.items():
        if name not in known:
            yield f"{name} is unknown"
            continue
        rule = known[name]
        for one in value.split(",") if rule.get("repeated") else [value]:
            yield from (f"{name}: {what}" for what in wrong_value(rule, one))
    if filters := FILTERS.get(call):
        yield from () if len(filters & set(query)) == 1 else [f"exactly one of {sorted(filters)}"]
    if "part" in query:
        parts = set(parts_of(method))
        yield from (f"part {one} is unknown" for one in query["part"].split(",") if one not in parts)


def wrong_value(rule: dict[str, Any], value: str) -> Iterator[str]:
    if not value:
        yield "is empty"
    if rule["type"] == "boolean" and value not in ("true", "false"):
        yield f"{value} is no boolean"
    if rule["type"] == "integer":
        least, most = int(rule.get("minimum", 0)), int(rule.get("maximum", 2**31))
        if not re.fullmatch(r"[0-9]+", value) or not least <= int(value) <= most:
            yield f"{value} is not from {least} to {most}"
    if "enum" in rule and value not in rule["enum"]:
        yield f"{value} is none of {rule['enum']}"


def wrong_body(method: dict[str, Any], body: bytes) -> Iterator[str]:
    wanted = method.get("request")
    if bool(wanted) != bool(body):
        yield "a body is missing" if wanted else "a body is not wanted"
    elif wanted:
        yield from wrong(json.loads(body), wanted, "body", written=True)


def wrong_answer(method: dict[str, Any], body: bytes) -> Iterator[str]:
    wanted = method.get("response")
    if wanted:
        yield from wrong(json.loads(body), wanted, "answer")
    elif body:
        yield "answers nothing, but did"


def wrong(value: Any, rule: dict[str, Any], where: str, *, written: bool = False) -> Iterator[str]:
    """What is in a value and not in its schema. `written`: it is ours; nothing that can only be read."""
    if "$ref" in rule:
        rule = document()["schemas"][rule["$ref"]]
    if not isinstance(value, TYPES[rule["type"]]) or (rule["type"] == "integer" and isinstance(value, bool)):
        yield f"{where} is no {rule['type']}"
        return
    if written and rule.get("readOnly"):
        yield f"{where} can only be read"
    if "enum" in rule and value not in rule["enum"]:
        yield f"{where}: {value} is none of {rule['enum']}"
    if isinstance(value, list):
        for one in value:
            yield from wrong(one, rule["items"], f"{where}[]", written=written)
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name not in rule.get("properties", {}):
            yield f"{where}.{name} is unknown"
        else:
            yield from wrong(inner, rule["properties"][name], f"{where}.{name}", written=written)


def parts_of(method: dict[str, Any]) -> list[str]:
    """The names that `part` may hold: the fields of what the method is about."""
    schemas = document()["schemas"]
    about = schemas[method["response"]["$ref"]]["properties"]
    if "items" in about:
        about = schemas[about["items"]["items"]["$ref"]]["properties"]
    return list(about)
