"""Calls of the Mastodon API compared with its OpenAPI document, made by a third party from the documentation.

The document is not ours and not here: BANKSIDE_TEST_SPECS names a folder that holds `mastodon/`, or it lies
beside the repository. Without it what needs it is skipped, with the reason.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
import jsonschema_rs

FILE = "mastodon/openapi-3.1.json.gz"
ROOT = Path(__file__).resolve().parents[2]
SPECS = [Path(p) for p in (os.environ.get("BANKSIDE_TEST_SPECS", ""), ROOT.parent / "shared/data/specs") if p]
WRITES = {"POST", "PUT"}


def missing() -> str:
    """Why nothing can be compared; empty when it can."""
    return "" if _found() else f"no {FILE}: set BANKSIDE_TEST_SPECS to a folder that holds it"


def _found() -> Path | None:
    return next((p / FILE for p in SPECS if (p / FILE).exists()), None)


class Comparing(httpx.BaseTransport):
    """Passes calls on, and notes what of each call and of its answer the document does not allow."""

    def __init__(self, to: httpx.BaseTransport) -> None:
        self._to = to
        self.violations: list[str] = []
        self.calls: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.violations += of_request(request)
        answer = self._to.handle_request(request)
        answer.read()
        self.violations += of_answer(request, answer)
        self.calls.append(f"{request.method} {_place(request.url.path)[0]}")
        return answer


def of_request(request: httpx.Request) -> list[str]:
    """What the document does not allow of a request: address, parameters, body."""
    template, operation = _operation(request)
    if operation is None:
        return [f"{request.method} {request.url.path}: no such call"]
    found = _of_parameters(request, operation)
    if request.method in WRITES:
        found += _of_body(request, operation)
    return [f"{request.method} {template}: {what}" for what in found]


def of_answer(request: httpx.Request, answer: httpx.Response) -> list[str]:
    """What the document does not allow of an answer: its status, and its form where it has one."""
    template, operation = _operation(request)
    if operation is None:
        return []
    where, known = f"{request.method} {template} -> {answer.status_code}", operation["responses"]
    if str(answer.status_code) not in known:
        return [f"{where}: no such status"]
    said = known[str(answer.status_code)].get("content", {}).get("application/json")
    if not said or not _is_json(answer):
        return []
    return [f"{where}: {e}" for e in _errors(said["schema"], answer.json())]


def _of_parameters(request: httpx.Request, operation: dict[str, Any]) -> list[str]:
    """Names and types; `id[]` is how the servers want a list that the document calls `id`."""
    known = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
    given = parse_qs(request.url.query.decode(), keep_blank_values=True)
    found = []
    for name, values in given.items():
        parameter = known.get(name.removesuffix("[]"))
        if parameter is None:
            found.append(f"no parameter {name}")
        else:
            found += [
                f"{name}: {e}" for e in _errors(parameter["schema"], _typed(parameter["schema"], values))
            ]
    absent = [n for n, p in known.items() if p.get("required") and n not in given]
    return found + [f"parameter {name} is missing" for name in absent]


def _of_body(request: httpx.Request, operation: dict[str, Any]) -> list[str]:
    known = operation.get("requestBody", {}).get("content", {})
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json" and kind in known:
        body = json.loads(request.content)
        return _of_forms(known[kind]["schema"], body) + _unknown(known[kind]["schema"], body)
    if kind == "multipart/form-data" and kind in known:
        names = re.findall(rb'form-data; name="([^"]*)"', request.content)
        fields: dict[str, Any] = {name.decode(): "" for name in names}
        return _errors(known[kind]["schema"], fields) + _unknown(known[kind]["schema"], fields)
    if kind == "application/x-www-form-urlencoded" and "application/json" in known:  # servers take both
        schema = known["application/json"]["schema"]
        types = schema["properties"]
        given = parse_qs(request.content.decode())
        fields = {n: _typed(types.get(n, {}), v) for n, v in given.items()}
        return _errors(schema, fields) + _unknown(schema, fields)
    return [f"no body of the kind {kind}"] if operation.get("requestBody") else []


def _of_forms(schema: dict[str, Any], body: dict[str, Any]) -> list[str]:
    """It fits one form of the body at least: a text with pictures is of two, which the document forbids.
    Every field fits too, also one that the fitting form does not know."""
    forms = [_resolved(form) for form in schema.get("oneOf", [schema])]
    found = [_errors(form, body) for form in forms]
    if [] not in found:
        return [e for errors in found for e in errors]
    fields = [(n, _errors(p[n], v)) for n, v in body.items() for p in map(_properties, forms) if n in p]
    return [f"{name}: {e}" for name, errors in fields for e in errors]


def _unknown(schema: dict[str, Any], body: dict[str, Any]) -> list[str]:
    """Fields that no form of the body has: the document itself would let them pass."""
    forms = [_resolved(s) for s in schema.get("oneOf", [schema])]
    known = {name for form in forms for name in _properties(form)}
    return [f"no field {name}" for name in body if name not in known]


def _properties(form: dict[str, Any]) -> dict[str, Any]:
    """Every field of a form by its name, with its schema."""
    found = dict(form.get("properties", {}))
    for part in form.get("allOf", []):
        found |= _properties(_resolved(part))
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return _document()["components"]["schemas"][name] if name else schema


def _typed(schema: dict[str, Any], values: list[str]) -> Any:
    match schema.get("type"):
        case "array":
            return values
        case "integer":
            return int(values[0]) if values[0].isdigit() else values[0]
        case "boolean":
            return {"true": True, "false": False}.get(values[0], values[0])
    return values[0]


def _errors(schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": _document()["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole)
    return [f"{list(e.instance_path)}: {e.message[:300]}" for e in validator.iter_errors(value)]


def _operation(request: httpx.Request) -> tuple[str, dict[str, Any] | None]:
    template, place = _place(request.url.path)
    return template, place.get(request.method.lower())


def _place(path: str) -> tuple[str, dict[str, Any]]:
    """The path of the document that this one is; words before places for a name."""
    paths = _document()["paths"]
    if path in paths:
        return path, paths[path]
    for template in sorted(paths, key=lambda t: t.count("{")):
        pattern = "[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]+\}", template))
        if re.fullmatch(pattern, unquote(path)):
            return template, paths[template]
    return path, {}


def _is_json(answer: httpx.Response) -> bool:
    return "json" in answer.headers.get("content-type", "")


@cache
def _document() -> dict[str, Any]:
    place = _found()
    assert place, missing()
    found: dict[str, Any] = json.loads(gzip.decompress(place.read_bytes()))
    return found
