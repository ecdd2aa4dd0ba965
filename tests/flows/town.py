"""Customers and staff of an invented bank, for a process of their own that has set up Django.

`found` makes the desk's people and channels; `live` lets customers write and staff answer, and waits until
all of it is done; `count` says what came of it. Two channels: one whose network can be looked up and takes a
key once, and one that keeps no list and would show everything that was sent twice.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import OperationalError

from bankside.channels import delivery_states as states
from bankside.channels import intake
from bankside.channels.models import Channel, Delivery, Item
from bankside.inbox import reply
from bankside.inbox.models import Conversation, Message, Reply
from bankside.networks.practice import PracticeServer
from bankside.people.models import Staff
from bankside.record import audit, clock, gauges, projection
from bankside.record.facts.channels import ActivityReceived
from bankside.record.models import Entry, Head, Job
from tests.record.rebuilt import assert_all_rebuild
from tests.scene import Scene

SECRET = "practice hook secret"
WAIT_SECONDS_MAX = 240
LOOK_SECONDS = 0.1
TONGUES = (
    ("카드를 잃어버렸어요", "ko"),
    ("我的卡丢了", "zh"),
    ("Mijn pas is weg", "nl"),
    ("I lost my card", "en"),
)
AT_REST = states.FINAL | {states.UNCERTAIN}


@dataclass
class Thread:
    """One customer's conversation: the ids of what she wrote, in her order; hooks tell of it, or polling."""

    channel: int
    by: str
    hooked: bool
    said: list[str]


class Town:
    """The people on both sides, and both networks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def network(self, place: int) -> PracticeServer:
        return PracticeServer(self.folder / f"network-{place}", hook_secret=SECRET)

    def channel(self, place: int) -> Channel:
        return Channel.objects.order_by("pk")[place]

    def found(self) -> None:
        scene = Scene(self.folder / "network-0")
        scene.connect("두 번째", self.folder / "network-1", lookup="no")

    # --- customers ------------------------------------------------------------------------------------
    def live(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Everybody speaks in turn; the answers and posts follow as soon as there is something to answer."""
        chance = random.Random(plan["seed"])
        threads = [Thread(n % 2, f"customer-{n}", n % 3 != 0, []) for n in range(plan["conversations"])]
        turns = [n for n in range(len(threads)) for _ in range(plan["messages"])]
        chance.shuffle(turns)
        for turn, place in enumerate(turns):
            self._say(threads[place])
            if turn % plan["post_every"] == 0:
                self._post(turn)
            if turn % plan["answer_every"] == 0:
                self._answer(chance)
        self._wait(lambda: _received() == len(turns))
        for _ in range(plan["answers"]):
            self._answer(chance)
        self._wait(_at_rest)
        return {"said": len(turns), "replies": Reply.objects.count(), "deliveries": Delivery.objects.count()}

    def speak(self, times: int) -> dict[str, Any]:
        """One customer by a hook, one by polling, and a post on each channel; waits for nothing."""
        for _ in range(times):
            for place in (0, 1):
                self._say(Thread(place, f"once-{time.monotonic_ns()}", place == 0, []))
            self._post(time.monotonic_ns())
            time.sleep(LOOK_SECONDS)
        return {}

    def rest(self) -> dict[str, Any]:
        """Waits until all that was said is in the inbox, and all that was asked for is done."""
        said = sum(len(self._customers(place)) for place in (0, 1))
        self._wait(lambda: _received() == said and _at_rest())
        return {"said": said}

    def _customers(self, place: int) -> set[str]:
        with self.network(place)._open() as state:
            return {thing.id for thing in state.things.values() if not thing.own}

    def _say(self, thread: Thread) -> None:
        text, lang = TONGUES[len(thread.by + str(thread.channel)) % 4]
        server, words = self.network(thread.channel), f"{text} {thread.by}:{len(thread.said):04}"
        if thread.said:
            thread.said.append(server.customer_replies(thread.said[0], words, by=thread.by, lang=lang))
        else:
            thread.said.append(server.customer_says(words, by=thread.by, lang=lang))
        if thread.hooked:
            self._hook(thread.channel, thread.said[-1])

    def _hook(self, place: int, *ids: str) -> None:
        """As a network does: again until it is taken."""
        request = self.network(place).hook_request(*ids)
        hook = self.channel(place).hook
        for _ in range(50):
            try:
                answer = intake.receive(
                    hook, method=request.method, path=request.path, query={}, headers=request.headers,
                    body=request.body,
                )  # fmt: skip
            except OperationalError:
                time.sleep(LOOK_SECONDS)
                continue
            assert answer.status == 200, answer
            return
        raise AssertionError("the hook was never taken")

    # --- staff ----------------------------------------------------------------------------------------
    def _answer(self, chance: random.Random) -> None:
        """An answer to a conversation that is there; numbered in it, so that its order can be seen."""
        found = list(Conversation.objects.order_by("pk")[:1000])
        if not found:
            return
        row = chance.choice(found)
        number = Reply.objects.filter(conversation=row.obj).count()
        responder = Staff.objects.get(email="responder@hanulbank.example")
        _patiently(lambda: reply.write(responder, row, f"확인했습니다 {row.obj[:8]}:{number:04}"))

    def _post(self, turn: int) -> None:
        for place in (0, 1):
            scene = Scene.__new__(Scene)
            scene.folder, scene.moment, scene.channel = self.folder, clock.now_ms(), self.channel(place)
            scene.people = {
                one: Staff.objects.get(email=f"{one}@hanulbank.example") for one in ("author", "approver")
            }
            scene.team = scene.channel.team
            _patiently(lambda scene=scene: scene.deliver(f"알려 드립니다 {turn}"))

    def _wait(self, done: Any) -> None:
        ends = time.monotonic() + WAIT_SECONDS_MAX
        while not done():
            assert time.monotonic() < ends, f"not at rest: {_where()}"
            time.sleep(LOOK_SECONDS)

    # --- afterwards -----------------------------------------------------------------------------------
    def count(self) -> dict[str, Any]:
        """What was lost, came twice or out of order, in the record, the inbox and on both networks."""
        found: dict[str, Any] = {"lost": [], "twice": [], "disorder": [], "unknown": []}
        self._count_received(found)
        self._count_messages(found)
        self._count_sent(found)
        found["aside"] = sum(gauges.set_aside().values())
        found["poisoned"] = Item.objects.filter(state=Item.POISONED).count()
        found["failed_jobs"] = Job.objects.filter(state=Job.FAILED).count()
        found["states"] = dict(Counter(Delivery.objects.values_list("state", flat=True)))
        found["problems"] = [str(problem) for problem in audit.audit().problems]
        found["heads"] = sum(head.size for head in Head.objects.all()) - Entry.objects.count()
        found["lanes"] = Entry.objects.values("lane").distinct().count()
        found["sends"] = [self.network(place).calls("send") for place in (0, 1)]
        found["rebuilt"] = assert_all_rebuild()
        return found

    def _count_received(self, found: dict[str, Any]) -> None:
        there, order = Counter[tuple[str, str]](), dict[tuple[str, str], list[str]]()
        for row in Entry.objects.filter(fact="channels.activity-received").order_by("lane", "year", "seq"):
            fact = projection.payload_of(row.n)
            assert isinstance(fact, ActivityReceived)
            if fact.seen.own:
                continue
            there[fact.channel, fact.seen.remote_id] += 1
            order.setdefault((fact.channel, row.obj), []).append(fact.seen.text)
        for place in (0, 1):
            channel = self.channel(place).obj
            said = {(channel, id) for id in self._customers(place)}
            found["lost"] += [f"{one} is not in the record" for one in said - there.keys()]
        found["twice"] += [
            f"{one} is {times} times in the record" for one, times in there.items() if times > 1
        ]
        found["disorder"] += [texts for texts in order.values() if texts != sorted(texts)]

    def _count_messages(self, found: dict[str, Any]) -> None:
        for row in Conversation.objects.all():
            texts = list(
                Message.objects.filter(conversation=row.pk, way="in")
                .order_by("pk")
                .values_list("text", flat=True)
            )
            found["disorder"] += [texts] if texts != sorted(texts) else []
            found["twice"] += [f"{t} is shown twice" for t, times in Counter(texts).items() if times > 1]
        said = sum(len(self._customers(place)) for place in (0, 1))
        if said != _received():
            found["lost"].append(f"{said} were said, {_received()} are shown")

    def _count_sent(self, found: dict[str, Any]) -> None:
        for place in (0, 1):
            posts = self.network(place).posts()
            keys = Counter(post.key for post in posts)
            wanted = {d.key: d.state for d in Delivery.objects.filter(channel=self.channel(place))}
            found["twice"] += [f"{key} was sent {times} times" for key, times in keys.items() if times > 1]
            found["unknown"] += [key for key in keys if key not in wanted]
            sure = {key for key, state in wanted.items() if state == states.SENT}
            found["lost"] += [f"{key} is sent and not there" for key in sure - keys.keys()]
            order: dict[str, list[str]] = {}
            for post in posts:
                if post.kind != "post":
                    order.setdefault(post.text.rpartition(":")[0], []).append(post.text)
            found["disorder"] += [texts for texts in order.values() if texts != sorted(texts)]


def _patiently(act: Any) -> Any:
    for _ in range(20):
        try:
            return act()
        except OperationalError:  # a page would say: the desk is busy, try again
            time.sleep(LOOK_SECONDS)
    return act()


def _received() -> int:
    return Message.objects.filter(way="in").count()


def _at_rest() -> bool:
    return not Delivery.objects.exclude(state__in=AT_REST).exists() and not projection.behind()


def _where() -> dict[str, Any]:
    return {
        "messages": _received(),
        "items": dict(Counter(Item.objects.values_list("state", flat=True))),
        "deliveries": dict(Counter(Delivery.objects.values_list("state", flat=True))),
        "behind": [(follower.name, lane) for follower, lane in projection.behind()],
        "aside": gauges.set_aside(),
        "jobs": list(Job.objects.filter(state="waiting").values_list("key", "tries", "error")[:5]),
    }


def act(folder: str, name: str, plan: dict[str, Any]) -> str:
    """Does one of the acts; what it says, as JSON."""
    town = Town(Path(folder))
    acts: dict[str, Callable[[], Any]] = {
        "found": town.found, "live": lambda: town.live(plan), "speak": lambda: town.speak(plan["times"]),
        "rest": town.rest, "count": town.count,
    }  # fmt: skip
    return json.dumps(acts[name](), default=str)
