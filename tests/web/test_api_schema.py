"""What the OpenAPI description says is what the API does: requests made up from it, good and bad."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, settings
from ninja import Schema
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bankside.people import policy, tokens
from bankside.people import staff as people
from bankside.web.api.routes import api
from bankside.web.wsgi import application
from tests.ground import WANTED

# Beside them each address is asked for every case that its description names: limits, what is missing, what
# is of another kind. More of what is made up at random only at full size.
EXAMPLES_MAX = 1 if os.environ.get(WANTED) == "postgresql" else 2
EXAMPLES_OF_ALL_MAX = 24
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection,
]  # fmt: skip

schema = schemathesis.openapi.from_dict(dict(api.get_openapi_schema(path_prefix="/api/")))
schema.app = application


def test_shapes_of_different_things_have_different_names() -> None:
    """In the description a shape stands under its class's name: a second of that name takes its place."""
    told: dict[str, set[str]] = {}
    for kind in shapes_below(Schema):
        if kind.__module__.startswith("bankside."):
            told.setdefault(kind.__name__, set()).add(kind.__module__)
    assert {name: where for name, where in told.items() if len(where) > 1} == {}
    assert len(told) > 100


def shapes_below(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from shapes_below(below)


@pytest.fixture
def everything(db: None, tmp_path: Any, settings: Any) -> str:
    """The token of somebody who holds every role in the whole desk."""
    settings.MEDIA_FOLDER = tmp_path
    staff = people.add("alles@hanul.example", "모두 다")
    for role in policy.ROLES:
        people.give_role(staff, role)
    return tokens.make(staff, "schemathesis")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES_MAX, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_the_api_does_what_it_says(case: schemathesis.Case, everything: str) -> None:
    check(case, everything)


@pytest.mark.long
@schema.parametrize()
@settings(
    max_examples=EXAMPLES_OF_ALL_MAX, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_the_api_does_what_it_says_at_length(case: schemathesis.Case, everything: str) -> None:
    check(case, everything)


def check(case: schemathesis.Case, everything: str) -> None:
    """One request, undone afterwards, and whether its answer is one that the description allows."""
    with transaction.atomic():
        response = case.call(headers={"Authorization": f"Bearer {everything}"})
        # 413 is a refusal too; the check of refusals does not count it as one.
        refused = [negative_data_rejection] if response.status_code == 413 else []
        case.validate_response(response, checks=CHECKS, excluded_checks=refused)
        transaction.set_rollback(True)
