"""The counts of networks: asked for in rounds, kept once, and a fact only where something has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bankside.channels import connect, counted, counts, daily, form, freeze, meter
from bankside.channels.models import Channel, Counted, Meter
from bankside.networks import contract
from bankside.networks.catalogue import network
from bankside.networks.declared import Price
from bankside.networks.practice import Practice
from bankside.record import clock, jobs
from bankside.record.facts.channels import CountsRead
from bankside.record.models import Entry, Job
from bankside.record.projection import payload_of
from tests.channels import by_hand_networks as networks
from tests.channels import on_disk
from tests.scene import Scene

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    # The pretended network lives today.
    now = clock.now_ms()
    with clock.frozen(now):
        made = Scene(tmp_path / "network", moment=now)
        made.work()
        daily.plan()
        Job.objects.exclude(kind__in=(counted.JOB, connect.POLL_JOB)).delete()
        made.work()
        yield made


def told() -> list[CountsRead]:
    return [payload_of(e.n) for e in Entry.objects.filter(fact="channels.counts-read").order_by("n")]


def of_posts() -> list[dict[str, int]]:
    return [dict(zip(f.names, f.values, strict=True)) for f in told() if "followers" not in f.names]


def post(scene: Scene, text: str = "새 지점을 엽니다") -> str:
    """A post that is out; its id there."""
    scene.deliver(text)
    scene.work()
    return scene.network.posts("post")[-1].id


def job() -> Job:
    return Job.objects.get(kind=counted.JOB)


def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Every call of the network from now on."""
    calls: list[tuple[str, ...]] = []
    real = Practice.measure

    def listening(self: Practice, refs: tuple[str, ...]) -> tuple[contract.Measured, ...]:
        calls.append(refs)
        return real(self, refs)

    monkeypatch.setattr(Practice, "measure", listening)
    return calls


# --- what is told ----------------------------------------------------------------------------------------
def test_a_post_is_counted_ten_minutes_after_it_is_out_and_the_numbers_are_a_fact(scene: Scene) -> None:
    there = post(scene)
    scene.network.customer_says("축하합니다", under=there)
    scene.later(9 * MINUTE)
    assert of_posts() == []
    scene.later(2 * MINUTE)
    [fact] = [f for f in told() if f.remote_id == there]
    assert (fact.channel, fact.names) == (scene.channel.obj, ("comments", "likes", "views"))
    assert fact.values[:2] == (1, 0) and fact.values[2] >= 25


def test_followers_of_the_account_are_a_fact_and_asked_for_once_a_day(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [(f.remote_id, f.names, f.values) for f in told()] == [("bank:hanulbank", ("followers",), (0,))]
    calls = asked_for(monkeypatch)
    scene.later(23 * HOUR)
    assert calls == []
    scene.later(2 * HOUR)
    assert calls == [("bank:hanulbank",)] and len(told()) == 1, "nothing has changed"


def test_what_has_not_changed_is_no_fact_and_what_has_is_one(scene: Scene) -> None:
    there = post(scene)
    scene.later(11 * MINUTE)
    Counted.objects.update(due_at=scene.moment)
    jobs.again(f"counts:{scene.channel.obj}", scene.moment)
    scene.work()
    assert len(of_posts()) == 1
    scene.network.customer_says("좋네요", under=there)
    scene.later(70 * MINUTE)
    assert [one["comments"] for one in of_posts()] == [0, 1]


@pytest.mark.more
def test_the_looks_at_a_post_become_fewer_and_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    there, calls = post(scene), asked_for(monkeypatch)
    for hours, most in ((24, 25), (7 * 24, 32), (100 * 24, 45)):
        while scene.moment < scene_start(scene, there) + hours * HOUR * 1000:
            scene.later(HOUR if hours == 24 else 6 * HOUR if hours == 7 * 24 else 3 * DAY)
        assert sum(there in refs for refs in calls) <= most
    assert sum(there in refs for refs in calls) >= 24 + 5 + 10
    assert Counted.objects.get(remote_id=there).due_at == counted.NEVER


def scene_start(scene: Scene, there: str) -> int:
    return Counted.objects.get(remote_id=there).said_at


# --- politely --------------------------------------------------------------------------------------------
def test_a_round_has_only_so_many_calls_and_rounds_lie_apart(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = network("practice")
    assert data.counts
    few = msgspec.structs.replace(data.counts, per_call=2, calls_max=3)
    networks.put_up(monkeypatch, msgspec.structs.replace(data, counts=few))
    for number in range(8):
        made = {"remote_id": f"gone{number}", "said_at": scene.moment, "due_at": scene.moment}
        Counted.objects.create(channel=scene.channel, **made)
    calls = asked_for(monkeypatch)
    jobs.again(f"counts:{scene.channel.obj}", scene.moment)
    scene.work()
    assert [len(refs) for refs in calls] == [2, 2, 2]
    scene.later(counts.ROUND_SECONDS - 1)
    assert len(calls) == 3
    scene.later(2)
    assert [len(refs) for refs in calls] == [2, 2, 2, 2]


@pytest.mark.parametrize("halt", ["pause", "freeze"])
def test_nothing_is_asked_while_the_channel_does_not_run(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, halt: str
) -> None:
    post(scene)
    administrator = scene.people["administrator"]
    if halt == "pause":
        connect.pause(administrator, scene.channel, "Rustdag.")
    else:
        freeze.freeze(administrator, "점검")
    calls = asked_for(monkeypatch)
    scene.later(3 * HOUR)
    assert calls == []
    if halt == "pause":
        connect.resume(administrator, Channel.objects.get(pk=scene.channel.pk))
    else:
        freeze.unfreeze(administrator, "klaar")
    scene.later(HOUR + 1)
    assert len(calls) == 1


def test_a_channel_that_was_removed_is_let_alone_for_ever(scene: Scene) -> None:
    connect.remove(scene.people["administrator"], scene.channel)
    scene.later(2 * HOUR)
    assert job().state == Job.DONE
    daily.plan()
    assert job().state == Job.DONE


def test_a_network_that_tells_nothing_has_no_job(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    networks.put_up(monkeypatch, msgspec.structs.replace(network("practice"), counts=None))
    Job.objects.all().delete()
    daily.plan()
    assert not Job.objects.filter(kind=counted.JOB).exists()


# --- what goes wrong -------------------------------------------------------------------------------------
def test_a_busy_network_is_asked_again_when_it_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    there = post(scene)
    scene.network.fail_next("measure", "later", after_seconds=400)
    scene.later(11 * MINUTE)
    assert of_posts() == [] and job().due_at == scene.moment + 400_000
    scene.later(401)
    assert len(of_posts()) == 1 and Counted.objects.get(remote_id=there).looked_at


def test_a_dead_grant_stops_the_channel(scene: Scene) -> None:
    post(scene)
    scene.network.fail_next("measure", "reconnect")
    scene.later(11 * MINUTE)
    assert Channel.objects.get(pk=scene.channel.pk).state == Channel.STOPPED and of_posts() == []


def test_one_refusal_says_nothing_of_other_posts(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    data = network("practice")
    assert data.counts
    one = msgspec.structs.replace(data.counts, per_call=1, calls_max=9)
    networks.put_up(monkeypatch, msgspec.structs.replace(data, counts=one))
    post(scene), post(scene, "두 번째")
    scene.network.fail_next("measure", "refused")
    scene.later(11 * MINUTE)
    assert len(of_posts()) == 1
    waits = {row.due_at - scene.moment for row in Counted.objects.filter(account=False)}
    assert waits == {HOUR * 1000, 7 * DAY * 1000}


def test_what_earlier_calls_brought_is_kept_when_a_later_one_fails(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = post(scene), post(scene, "두 번째")
    rows = list(Counted.objects.filter(account=False).order_by("id"))
    answer = counts.Told(frozenset({first}), {first: {"likes": 3}}, contract.Later(120, "Busy."))
    assert counts._after(scene.channel, rows, answer) == scene.moment + 120_000
    assert of_posts() == [{"likes": 3}] and not Counted.objects.get(remote_id=second).looked_at


def test_an_answer_that_nobody_understands_is_waited_out(scene: Scene) -> None:
    due = counts._after(scene.channel, [], ValueError("strange"))
    assert due == scene.moment + counts.LATER_SECONDS_MAX * 1000


def test_a_post_that_was_taken_away_is_no_fact(scene: Scene) -> None:
    there = post(scene)
    Practice(contract.Grant(settings={"folder": str(scene.folder)})).remove(there)
    scene.later(11 * MINUTE)
    assert of_posts() == []
    assert Counted.objects.get(remote_id=there).due_at == scene.moment + 7 * DAY * 1000


@pytest.mark.parametrize(
    ("counts_told", "kept"),
    [
        ({"likes": -4}, {"likes": 0}),
        ({"views": 2**70}, {"views": 2**63 - 1}),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
        ({"views": None, "likes": 1}, {"likes": 1}),
        (
            {f"n{number:02}": number for number in range(30)},
            {f"n{number:02}": number for number in range(20)},
        ),
    ],
)
def test_numbers_are_kept_as_they_can_be(counts_told: Any, kept: dict[str, int]) -> None:
    assert counts.clean(counts_told) == kept


# --- twice is once ---------------------------------------------------------------------------------------
def test_two_workers_with_the_same_answer_say_it_once(scene: Scene) -> None:
    there = post(scene)
    scene.moment += 11 * MINUTE * 1000
    with clock.frozen(scene.moment):
        first, second = counts.read(job()), counts.read(job())
        assert isinstance(first, jobs.Errand) and isinstance(second, jobs.Errand)
        scene.network.customer_says("사이에", under=there)
        answers = [first.work(), second.work()]
        dues = [first.after(answers[0]), second.after(answers[1])]
    assert len(of_posts()) == 1 and dues[0] == dues[1]


def test_the_same_answer_again_after_its_row_was_written_changes_nothing(scene: Scene) -> None:
    there = post(scene)
    rows = list(Counted.objects.filter(account=False))
    for likes in (3, 4):
        counts._after(scene.channel, rows, counts.Told(frozenset({there}), {there: {"likes": likes}}))
    assert of_posts() == [{"likes": 3}]


def test_when_facts_cannot_be_written_nothing_is(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    post(scene)

    def refuses(drafts: Any) -> None:
        if drafts:
            raise OSError("full")

    with monkeypatch.context() as patched:
        patched.setattr(counts, "append_many", refuses)
        scene.later(11 * MINUTE)
    assert of_posts() == [] and not Counted.objects.filter(account=False, looked_at__gt=0).exists()
    scene.later(HOUR)
    assert len(of_posts()) == 1


def test_a_job_that_failed_for_good_is_put_back(scene: Scene) -> None:
    Job.objects.filter(kind=counted.JOB).update(state=Job.FAILED)
    daily.plan()
    assert job().state == Job.WAITING


def test_a_worker_that_is_killed_before_it_has_written_leaves_nothing_out(tmp_path: Path) -> None:
    desk = on_disk.found(tmp_path)
    begin = """
        from bankside.channels import counts, daily
        from bankside.channels.models import Counted
        from bankside.record import clock
        from bankside.record.models import Job
        def facts():
            return Entry.objects.filter(fact="channels.counts-read").count()
        def again():
            Job.objects.filter(kind="counts").update(due_at=clock.now_ms(), lease_until=0)
            while jobs.run_due():
                pass
    """
    desk.run(begin + """
        daily.plan()
        real = counts.append_many
        def dying(drafts):
            real(drafts)
            die()
        counts.append_many = dying
        again()
    """, killed=True)  # fmt: skip
    said = desk.run(begin + """
        before = facts(), Counted.objects.get().looked_at
        again()
        once = facts()
        again()
        print(before, once, facts(), Counted.objects.get().told)
    """)  # fmt: skip
    assert said == "(0, 0) 1 1 {'followers': 0}"


# --- what it costs ---------------------------------------------------------------------------------------
def priced(monkeypatch: pytest.MonkeyPatch, *, daily_price: bool) -> None:
    price = Price(act="count", amount="0.010", currency="USD", daily=daily_price)
    networks.put_up(monkeypatch, msgspec.structs.replace(network("practice"), prices=(price,)))


@pytest.mark.parametrize(("daily_price", "spent"), [(True, 10_000), (False, 30_000)])
def test_what_is_read_is_metered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, daily_price: bool, spent: int
) -> None:
    there = post(scene)
    priced(monkeypatch, daily_price=daily_price)
    noon = scene.moment // (DAY * 1000) * DAY * 1000 + 12 * HOUR * 1000
    row = Counted.objects.get(remote_id=there)
    for hour in range(3):
        meter.counted(scene.channel, [row], noon + hour * HOUR * 1000)
        row.looked_at = noon + hour * HOUR * 1000
    assert Meter.objects.get(day=noon // (DAY * 1000)).read_micros == spent


def test_half_of_the_ceiling_at_most_goes_into_numbers(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    priced(monkeypatch, daily_price=True)
    settings = {form.CEILING_SETTING: "0.05"}
    scene.channel = connect.reconnect(scene.people["administrator"], scene.channel, settings=settings)
    for number in range(4):
        made = {"remote_id": f"gone{number}", "said_at": scene.moment, "due_at": scene.moment}
        Counted.objects.create(channel=scene.channel, **made)
    rows = counted.due(scene.channel, scene.moment, 9)
    assert meter.counts_left(scene.channel, rows, scene.moment) == 2
    meter.counted(scene.channel, rows[:2], scene.moment)
    assert meter.counts_left(scene.channel, rows, scene.moment) == 0
    assert counts.read(job()) == meter.tomorrow(scene.moment)
    rows[0].looked_at = scene.moment
    assert meter.counts_left(scene.channel, rows[:1], scene.moment) == 1, "today it costs nothing more"
