"""A conversation that a customer of the scene began, brought in by facts."""

from __future__ import annotations

from typing import Any

from bankside.inbox.models import Conversation
from bankside.people import staff as people
from bankside.people.models import Staff
from tests.inbox.story import Story
from tests.scene import Scene


class Talk:
    """One customer's conversation on the scene's channel."""

    def __init__(self, scene: Scene, text: str = "앱에도 로그인이 안 돼요.", **fields: Any) -> None:
        self.scene, self.thread = scene, fields.pop("thread", "comment:12")
        self.story = Story(self.thread, channel=scene.channel.obj)
        self.first = self.story.seen(text, self.thread, **fields)

    @property
    def row(self) -> Conversation:
        return self.story.row()


def colleague(scene: Scene, name: str, *roles: str) -> Staff:
    """Somebody else in the scene's team."""
    staff = people.add(f"{name.encode().hex()}@hanulbank.example", name)
    for role in roles:
        people.give_role(staff, role, team=scene.team)
    return staff
