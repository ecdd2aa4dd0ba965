"""Pages are tested as people use them: signed in, with forms that are sent and followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from bankside.people.models import Staff
from bankside.record import clock
from tests.scene import NOW, Scene
from tests.web import carded
from tests.web.caller import By, Caller

BACKEND = "bankside.people.sign_in.StaffBackend"


@pytest.fixture
def scene(tmp_path: Path, db: None, settings: object) -> Iterator[Scene]:
    """People, a practice channel and a clock that stands still."""
    settings.MEDIA_FOLDER = tmp_path / "media"  # type: ignore[attr-defined]
    settings.LOG_FOLDER = tmp_path / "log"  # type: ignore[attr-defined]
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


@pytest.fixture
def at(scene: Scene) -> Callable[[str], Client]:
    """A browser in which somebody of this role has signed in."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(scene.people[role], backend=BACKEND)
        return client

    return signed_in


@pytest.fixture
def by(scene: Scene) -> By:
    """The program of somebody in this role."""
    known: dict[str, Caller] = {}

    def program(role: str) -> Caller:
        if role not in known:
            known[role] = Caller(scene.people[role])
        return known[role]

    return program


@pytest.fixture
def people(scene: Scene) -> dict[str, Staff]:
    """Somebody of each role in the whole desk."""
    return carded.deskwide(scene)


@pytest.fixture
def of(people: dict[str, Staff]) -> Callable[[str], Client]:
    """A browser in which somebody of this role, in the whole desk, has signed in."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(people[role], backend=BACKEND)
        return client

    return signed_in
