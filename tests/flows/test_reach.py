"""From a post to its reach on the page of Measures: what the network counts, by whom it is asked, and the
entries that say so. The numbers are taken from the other side, where the posts stand."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from bankside.channels import daily
from bankside.measures import behind, figures
from bankside.measures.period import Period, chosen
from bankside.networks.contract import Grant
from bankside.networks.practice import Practice
from bankside.record import clock
from bankside.record.facts.channels import CountsRead
from bankside.record.projection import payload_of
from tests.scene import Scene

MINUTE = 60
COUNTED = {"reach-per-post": "views", "likes": "likes", "comments": "comments"}


@pytest.fixture
def scene(db: None, tmp_path: Path) -> Iterator[Scene]:
    now = clock.now_ms()
    with clock.frozen(now):
        made = Scene(tmp_path / "network", moment=now)
        made.work()
        daily.plan()
        made.work()
        yield made


def there(scene: Scene) -> dict[str, dict[str, int]]:
    """What the other side counts now, by post."""
    ids = [post.id for post in scene.network.posts("post")]
    asking = Practice(Grant(settings={"folder": str(scene.folder), "handle": "hanulbank"}))
    return {one.remote_id: one.counts for one in asking.measure(tuple(ids))}


def these_days(scene: Scene) -> Period:
    today = datetime.datetime.fromtimestamp(scene.moment / 1000, datetime.UTC).date()
    day = datetime.timedelta(days=1)
    return chosen(today - 7 * day, today + day, "UTC")


def test_every_number_is_that_of_the_network_and_opens_the_entry_that_says_so(scene: Scene) -> None:
    for text, lang in (("한울은행 실적", "ko"), ("Nieuwe kantoortijden", "nl"), ("年报", "zh")):
        scene.deliver(text, lang=lang)
    scene.work()
    posts = [post.id for post in scene.network.posts("post")]
    for number, post in enumerate(posts):
        for _ in range(number):
            scene.network.customer_says("좋네요", under=post)
    scene.later(11 * MINUTE)
    counted = there(scene)
    found = figures.of(scene.people["auditor"], these_days(scene))
    for measure, name in COUNTED.items():
        figure = found.one(measure)
        assert figure and (figure.part, figure.base) == (sum(c[name] for c in counted.values()), 3)
        by_lang = {one.key: one.part for one in found.by(measure, "lang")}
        assert by_lang == dict(zip(("ko", "nl", "zh"), (counted[p][name] for p in posts), strict=True))
        for group in ("network", "channel", "market"):
            assert [one.part for one in found.by(measure, group)] == [figure.part]
        opened = behind.rows_of(found, measure)
        said = {n: payload_of(n) for row in opened.rows for n in row.entries}
        facts = [fact for fact in said.values() if isinstance(fact, CountsRead)]
        told = [dict(zip(fact.names, fact.values, strict=True)) for fact in facts]
        assert sum(one[name] for one in told) == figure.part and opened.total == 3
        assert sorted(row.amount for row in opened.rows) == sorted(one[name] for one in told)
    found.close()


def test_before_anybody_has_asked_nothing_is_known_of_it(scene: Scene) -> None:
    scene.deliver("한울은행 실적")
    scene.work()
    found = figures.of(scene.people["auditor"], these_days(scene))
    assert found.one("reach-per-post") is None and found.by("reach-per-post", "network") == ()
    found.close()


def test_a_newer_count_takes_the_place_of_an_older_one(scene: Scene) -> None:
    scene.deliver("한울은행 실적")
    scene.work()
    [post] = [one.id for one in scene.network.posts("post")]
    parts = []
    for _ in range(3):
        scene.later(61 * MINUTE)
        scene.network.customer_says("좋네요", under=post)
        found = figures.of(scene.people["auditor"], these_days(scene))
        figure = found.one("comments")
        assert figure is not None
        parts.append((figure.base, figure.part))
        found.close()
    assert parts == [(1, 0), (1, 1), (1, 2)]
