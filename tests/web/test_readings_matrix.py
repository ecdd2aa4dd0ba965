"""Every address of the desk, generated: who gets a customer's private words, and that no way is unrecorded.

#49: a `read` leaf on every path. T3: an administrator sees none of them. Fails closed: without the leaf, no
words. The marks stand in a private message, in a public one and in the customer's picture of herself.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple
from unittest import mock

import pytest
from django.db import OperationalError, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver

from bankside import urls
from bankside.inbox import conversation, reply
from bankside.people import staff as people
from bankside.record import readings
from bankside.record.models import Entry
from bankside.web.api.routes import api
from tests.inbox.room import Talk
from tests.scene import Scene
from tests.web.caller import Caller

AWAY = OperationalError("database or disk is full")
SOUGHT, PRIVATE, PUBLIC = "은밀한검색", "은밀한표지", "공개된표지"
NOT_STAFF = re.compile(r"^(m/|c/|s/|hooks/|media/|account/two-factor/|sign-out/|sign-in/)")
# How one asks for parts of a page, and for what is fetched ahead.
WAYS: tuple[dict[str, str], ...] = (
    {},
    {"HX-Request": "true", "HX-Target": "opened", "Bankside-Ahead": "1"},
    {"HX-Request": "true", "HX-Target": "lines"},
    {"HX-Target": "head"},
)
ASKED = {
    "q": SOUGHT,
    "words": SOUGHT,
    "object": "",
    "text": "",
    "note": "",
    "reason": "because of a test",
    "month": "",
}


class Asked(NamedTuple):
    """What was asked, the answer, how many leaves tell of it, and the answer while the record is away."""

    method: str
    address: str
    answer: Any
    leaves: int
    blind: Any


class Desk:
    """A private and a public conversation, an answer that waits, and everything by which they are called."""

    def __init__(self, scene: Scene) -> None:
        for role in ("compliance", "records-officer"):
            scene.people[role] = people.add(f"{role}@hanulbank.example", role, role=role)
        self.talk = Talk(scene, f"{SOUGHT} {PRIVATE} 제 계좌 이야기예요", private=True, thread="dm:1")
        self.open = Talk(scene, f"{PUBLIC} 앱이 안 열려요", thread="comment:99")
        row = self.talk.row
        conversation.note(scene.people["reviewer"], row, f"{SOUGHT} {PRIVATE} 고객 말씀")
        self.answer = reply.write(scene.people["responder"], row, "확인하겠습니다.")
        scene.work()
        note = Entry.objects.get(obj=row.obj, fact="inbox.note-written")
        self.names, self.numbers = [row.obj], [row.pk, note.n]

    def names_in(self, route: str) -> list[str]:
        """What an address may call a thing: its obj and its number; an answer by its own."""
        if "replies/" in route and "conversations" not in route:
            return [self.answer.obj]
        return [*self.names, *(map(str, self.numbers[:1]) if "conversations" in route else ())]


@pytest.fixture
def desk(scene: Scene) -> Desk:
    return Desk(scene)


def pages_of(desk: Desk) -> Iterator[str]:
    """Every page of the desk with every name that fits into its address."""
    for pattern in _patterns(urls.urlpatterns):
        route = str(pattern.pattern)
        if NOT_STAFF.match(route):
            continue
        places = re.findall(r"<(\w+):\w+>", route)
        fitting = [desk.numbers if kind == "int" else desk.names_in(route) for kind in places[:1]]
        for values in itertools.product(*fitting, *([[desk.names[0]]] * len(places[1:]))):
            address = f"/{route}"
            for value in values:
                address = re.sub(r"<\w+:\w+>", str(value), address, count=1)
            yield address


def calls_of(desk: Desk) -> Iterator[tuple[str, str]]:
    """Every method and address of the API with every name that fits."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        places = re.findall(r"{\w+}", path)
        fitting = [[*desk.names_in(path), *map(str, desk.numbers[1:])]] * len(places[:1])
        for values in itertools.product(*fitting, *([[desk.names[0]]] * len(places[1:]))):
            address = path
            for place, value in zip(places, values, strict=True):
                address = address.replace(place, value)
            for method in methods:
                yield method.upper(), address


def _patterns(there: Any) -> Iterator[URLPattern]:
    for one in there:
        if isinstance(one, URLPattern):
            yield one
        elif isinstance(one, URLResolver) and not str(one.pattern).startswith(("api/", "account/")):
            yield from _patterns(one.url_patterns)


def ask_all(scene: Scene, desk: Desk, role: str) -> Iterator[Asked]:
    """What a role is answered everywhere, each undone again: method, address, answer, new leaves."""
    client = Client(raise_request_exception=False)
    client.force_login(scene.people[role], backend="bankside.people.sign_in.StaffBackend")
    for address in pages_of(desk):
        for way in WAYS if "conversations/" in address else WAYS[:1]:
            ask = partial(client.get, address, ASKED, headers=way)
            yield from _asked(scene, role, "GET", address, ask)
        yield from _asked(scene, role, "POST", address, partial(client.post, address, ASKED))
    program = Caller(scene.people[role])
    program.client.raise_request_exception = False
    for method, address in calls_of(desk):
        yield from _asked(scene, role, method, address, partial(called, program, method, address))


def called(program: Caller, method: str, address: str) -> Any:
    """A call of the API; of the search with words that are there."""
    query = f"?q={SOUGHT}" if address.endswith("/search") else ""
    body = b"{}" if method in {"POST", "PATCH", "PUT"} else b""
    return program.client.generic(
        method, address + query, body, content_type="application/json", headers=program.headers
    )


def _asked(scene: Scene, role: str, method: str, address: str, ask: Callable[[], Any]) -> Iterator[Asked]:
    leaves = Entry.objects.filter(actor=scene.people[role].actor, type__in=["read", "export"])
    blind = None
    with transaction.atomic():
        before = leaves.count()
        answer = ask()
        new = leaves.count() - before
        transaction.set_rollback(True)
    if holds(answer, PRIVATE):
        with transaction.atomic(), mock.patch.object(readings, "append", side_effect=AWAY):
            blind = ask()
            transaction.set_rollback(True)
    yield Asked(method, address, answer, new, blind)


def holds(answer: Any, mark: str) -> bool:
    body = getattr(answer, "content", b"") or b""
    return mark.encode() in body or mark.encode("unicode-escape") in body


@pytest.mark.more
@pytest.mark.parametrize("role", ["administrator", pytest.param("author", marks=pytest.mark.long)])
def test_an_administrator_gets_no_word_of_a_customer_anywhere(scene: Scene, desk: Desk, role: str) -> None:
    everything = list(ask_all(scene, desk, role))
    marks = (PRIVATE, PUBLIC)
    got = [(one.method, one.address) for one in everything if any(holds(one.answer, mark) for mark in marks)]
    assert (got, len(everything) > 300) == ([], True)


LONG = [
    pytest.param(role, least, marks=pytest.mark.long)
    for role, least in (("responder", 8), ("reviewer", 8), ("compliance", 8), ("records-officer", 2))
]


@pytest.mark.parametrize(("role", "least"), [("auditor", 8), *LONG])
def test_private_words_leave_a_leaf_on_every_path_and_without_it_none_is_shown(
    scene: Scene, desk: Desk, role: str, least: int
) -> None:
    got = [one for one in ask_all(scene, desk, role) if holds(one.answer, PRIVATE)]
    assert len(got) >= least, [(one.method, one.address) for one in got]
    assert [(one.method, one.address) for one in got if one.leaves != 1] == []
    assert [(one.method, one.address) for one in got if holds(one.blind, PRIVATE)] == []
    assert {one.blind.status_code for one in got} == {503}
