"""How an address of the API is declared: by the act of the policy table that it takes.

Whoever has the act nowhere is refused at the door; whether it reaches this thing, its room decides.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema, Status
from pydantic import StringConstraints

from bankside.people import policy, repeats
from bankside.web.api.entrance import KEY_HEADER, staff_of

# A number or the 32 hexadecimal digits of an obj.
Id = Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{0,17}|[0-9a-f]{32})$")]
Obj = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Number = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$")]

LIMIT_MAX = 200


class Finding(Schema):
    """One thing to put right, and where."""

    where: str
    text: str


class ProblemOut(Schema):
    """RFC 9457. `detail` says what to do, `undone` what was not done."""

    type: str
    title: str
    status: int
    detail: str
    undone: str
    findings: list[Finding] = []


KEY_PARAMETER = {
    "name": KEY_HEADER, "in": "header", "required": False,
    "description": "The same request under the same key is done once, and answered alike for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}  # fmt: skip


def operation(
    router: Router, method: str, path: str, act: str, *, says: Any, status: int = 200, keyed: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares what a method does at a path, for whoever has `act` ("" for everybody), answering `says`.

    `keyed`: what it does must not be done twice, and so it is refused without an Idempotency-Key.
    A view that is asked all day may answer with encoded JSON itself; it is then held to `says` by its test.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if act:
                policy.require_somewhere(staff_of(request), act)
            if keyed:
                repeats.require(request.headers.get(KEY_HEADER))
            said = view(request, *args, **kwargs)
            return said if isinstance(said, HttpResponseBase) else Status(status, said)

        # The library reads annotations where the function seems to stand; they belong to the view's module.
        guarded.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
        extra: dict[str, Any] = {"x-act": act or "anybody"}
        if method == "POST":
            extra["parameters"] = [KEY_PARAMETER | {"required": keyed}]
        troubles = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 500, 503})
        summary, _, rest = (view.__doc__ or "").strip().partition("\n")
        router.api_operation(
            [method], path, response={status: says, troubles: ProblemOut}, summary=summary,
            description=rest.strip() or None, openapi_extra=extra,
        )(guarded)  # fmt: skip
        return guarded

    return declare
