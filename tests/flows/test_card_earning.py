"""From a profile that was linked to points that can be spent: a customer answers in the bank's thread.

The same whoever is killed in the middle: every step may be done again, and the end is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.record import audit, clock, jobs
from bankside.record.models import Entry, Job, Quarantined
from bankside.rewards import due, fraud, link, programme, reactions, receipt
from bankside.rewards.decided import Decided
from bankside.rewards.ledger.balance import balance
from bankside.rewards.ledger.tables import Posting
from bankside.rewards.models import Link, Member, Reached, Unchecked
from tests.rewards import joined, living
from tests.rewards.decisions import decision, decisions
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db
DAY_SECONDS = 86_400
ANSWER = {
    "en": "The new app asks for my fingerprint twice, is that how it should be?",
    "ko": "새 앱에서 지문을 두 번 물어보는데 원래 그런 건가요? 설정에서 바꿀 수 있나요?",
    "zh": "新版应用要求我按两次指纹，这是正常的吗？可以在设置里修改吗？",
    "nl": "De nieuwe app vraagt twee keer om mijn vingerafdruk, hoort dat zo?",
}


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Scene]:
    settings.LOG_FOLDER = tmp_path / "log"
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)  # who is drawn hangs on a key that is new for each desk
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def begin(scene: Scene, text: str = living.SMALL) -> tuple[Member, Link]:
    """A programme in force, a member, and her profile, linked as after a proof."""
    living.live(text)
    who = joined.member()
    profile = joined.linked(who, "u-minji", network="practice")
    scene.work()
    return who, profile


def post_of_the_bank(scene: Scene) -> str:
    scene.deliver("새 앱을 만나 보세요. 무엇이 궁금하신가요?")
    scene.work()
    return scene.network.posts("post")[-1].id


def answer(scene: Scene, post: str, text: str = ANSWER["ko"], by: str = "minji") -> str:
    said = scene.network.customer_says(text, by=by, under=post)
    arrive(scene, said)
    return said


def arrive(scene: Scene, *ids: str) -> None:
    """The network announces these things, and the desk does all that is due."""
    from bankside.channels import intake

    sent = scene.network.hook_request(*ids)
    taken = intake.receive(
        scene.channel.hook, method=sent.method, path=sent.path, query=sent.query, headers=sent.headers,
        body=sent.body,
    )  # fmt: skip
    assert taken.status == 200
    scene.work()


def earned(who: Member, rule: str = "useful-reply") -> Decided:
    return decision(member=who.pk, rule=rule)


def purse(who: Member) -> tuple[int, int]:
    """Available and pending points."""
    now = balance(who.pk, "pt", zone="Asia/Seoul")
    return now.available, now.pending


@pytest.mark.parametrize("language", sorted(ANSWER))
def test_an_answer_in_the_banks_thread_earns_settles_and_is_explained(scene: Scene, language: str) -> None:
    who, _ = begin(scene)
    answer(scene, post_of_the_bank(scene), ANSWER[language])
    row = earned(who)
    assert (row.points, row.outcome, row.kind, row.network) == (5, "awarded", "reply", "practice")
    assert purse(who) == (0, 105)  # and a hundred for the link
    why = receipt.why(who, row.source)
    assert (why.points, why.state) == (5, "pending")
    scene.later(5 * DAY_SECONDS)
    assert purse(who) == (105, 0)
    assert receipt.why(who, row.source).state == "settled"


def test_what_is_taken_away_within_the_hold_is_taken_back_and_later_it_is_not(scene: Scene) -> None:
    who, _ = begin(scene)
    post = post_of_the_bank(scene)
    first = answer(scene, post)
    scene.network.customer_deletes(first)
    arrive(scene, first)
    assert purse(who) == (0, 100)
    assert receipt.why(who, earned(who).source).state == "clawed"
    scene.later(5 * DAY_SECONDS)
    second = answer(scene, post, ANSWER["nl"])
    scene.later(5 * DAY_SECONDS)
    assert purse(who) == (105, 0)
    scene.network.customer_deletes(second)
    arrive(scene, second)
    assert purse(who) == (105, 0)


def test_from_the_moment_of_unlinking_nothing_is_earned_and_points_stay(scene: Scene) -> None:
    who, profile = begin(scene)
    post = post_of_the_bank(scene)
    answer(scene, post)
    scene.moment += 1
    clock._frozen_ms = scene.moment
    link.unlink(who, profile.obj)
    answer(scene, post)
    assert len(decisions(member=who.pk, kind="reply")) == 1
    assert purse(who) == (0, 105)


def test_an_answer_that_waited_earns_although_the_profile_was_unlinked_meanwhile(scene: Scene) -> None:
    who, profile = begin(scene)
    post = post_of_the_bank(scene)
    Job.objects.filter(key=programme.EARN).delete()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reactions, "wake", lambda: None)
        answer(scene, post)
        scene.moment += 1
        clock._frozen_ms = scene.moment
        link.unlink(who, profile.obj)
    assert not decisions(kind="reply")
    while reactions.earn_recorded():
        pass
    assert earned(who).points == 5


@pytest.mark.parametrize("how", ["private", "not linked", "short", "own thread", "like"])
def test_what_earns_nothing_leaves_nothing(scene: Scene, how: str) -> None:
    who, _ = begin(scene)
    post = post_of_the_bank(scene)
    match how:
        case "private":
            arrive(scene, scene.network.customer_says(ANSWER["ko"], by="minji", private=True))
        case "not linked":
            answer(scene, post, by="junho")
        case "short":
            answer(scene, post, "네 감사합니다")
        case "own thread":
            said = scene.network.customer_says(ANSWER["ko"], by="junho")
            arrive(scene, said, scene.network.customer_replies(said, ANSWER["ko"], by="minji"))
        case "like":
            from bankside.networks.practice.customers import add_act, person

            with scene.network._open() as state:
                liked = add_act(state, person("minji"), "like", state.now_ms, post).id
            arrive(scene, liked)
    assert not decisions(kind="reply")
    assert purse(who) == (0, 100)


# --- twice is once ------------------------------------------------------------------------------------------
class Killed(BaseException):
    """The process ended here."""


def dies_in(module: Any, name: str, after: bool) -> Callable[[pytest.MonkeyPatch], None]:
    """The first call of a function is the last thing of a life, before it or after it."""
    real = getattr(module, name)
    died: list[bool] = []

    def dying(*given: Any, **named: Any) -> Any:
        if not died and not after:
            died.append(True)
            raise Killed
        result = real(*given, **named)
        if not died:
            died.append(True)
            raise Killed
        return result

    return lambda patched: patched.setattr(module, name, dying)


def state_of(who: Member) -> dict[str, Any]:
    moves = Posting.objects.filter(member=who.pk).order_by("source", "kind", "rule")
    return {
        "purse": purse(who),
        "moves": list(moves.values_list("kind", "rule", "points")),
        "earned": [
            (one.rule, one.points, one.outcome)
            for one in sorted(decisions(member=who.pk), key=lambda one: one.source)
        ],
        "unchecked": Unchecked.objects.count(),
        "quarantined": Quarantined.objects.count(),
        "problems": [problem.what for problem in audit.audit().problems],
    }


def steps() -> list[tuple[str, Any, str, bool]]:
    from bankside.rewards import earning
    from bankside.rewards.ledger import claw, post, settle

    modules = [
        (post, "post_shares"), (earning, "earn_sighted"), (reactions, "take"), (reactions, "_change"),
        (claw, "claw_back"),
        (fraud, "raise_flags"), (settle, "settle_due"), (settle, "expire_due"), (jobs, "_settle"),
    ]  # fmt: skip
    return [(f"{'after' if late else 'before'} {name}", module, name, late)
            for module, name in modules for late in (False, True)]  # fmt: skip


def live_through(scene: Scene, who: Member, post: str) -> None:
    first = answer(scene, post)
    arrive(scene, scene.network.customer_replies(first, ANSWER["en"]))
    scene.network.customer_deletes(first)
    arrive(scene, first)
    scene.later(5 * DAY_SECONDS)


# On PostgreSQL each third step: what parts a step there from the next is the same code.
@pytest.mark.parametrize(
    "step",
    [None, *(step if step % 3 == 0 else pytest.param(step, marks=pytest.mark.more) for step in range(18))],
)
def test_killed_at_a_step_and_begun_again_it_ends_the_same(
    scene: Scene, step: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, _ = begin(scene)
    post = post_of_the_bank(scene)
    if step is not None:
        _, module, name, late = steps()[step]
        dies_in(module, name, late)(monkeypatch)
        survive(scene, monkeypatch)
    live_through(scene, who, post)
    state = state_of(who)
    assert state["quarantined"] == 0
    assert state["problems"] == []
    assert state["moves"].count(("delete", "useful-reply", 5)) == 1
    assert state["earned"] == [
        ("useful-reply", 5, "awarded"), ("useful-reply", 7, "awarded"), ("first-link", 100, "awarded"),
    ]  # fmt: skip
    assert state["purse"] == (107, 0)


def survive(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A life that was killed is followed by the next one, which waits out the lease of the first."""
    real = scene.work

    def work() -> None:
        try:
            real()
        except Killed:
            Job.objects.filter(state=Job.WAITING).update(lease_until=0)
            real()

    monkeypatch.setattr(scene, "work", work)


def test_done_twice_from_any_place_of_the_record_it_is_done_once(scene: Scene) -> None:
    who, _ = begin(scene)
    start = Reached.objects.get(name=programme.EARN).n
    live_through(scene, who, post_of_the_bank(scene))
    before = state_of(who)
    end = Entry.objects.order_by("-n").values_list("n", flat=True)[0]
    for place in range(start, end + 1):
        Reached.objects.filter(name=programme.EARN).update(n=place)
        while reactions.earn_recorded():
            pass
        due.run(clock.now_ms())
    assert {**state_of(who), "earned": before["earned"]} == before
