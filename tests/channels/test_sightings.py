from __future__ import annotations

from dataclasses import replace

import pytest

from bankside.channels import sightings
from bankside.channels.models import Channel, Sighting
from bankside.networks.contract import Activity, Actor

MINJI = Actor(remote_id="minji")
HASH_A, HASH_B = "a3f0", "b771"


def activity(version: str, verb: str = "Create", at: int = 0) -> Activity:
    return Activity(
        remote_id="c1", version=version, verb=verb, actor=MINJI, text="안녕", thread="p1", published_ms=at
    )  # type: ignore[arg-type]


def known(version: str, at: int = 0, *, gone: bool = False) -> Sighting:
    return Sighting(version=version, order_ms=at, gone=gone)


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (None, activity("1"), "received"),
        (None, activity("2", "Update"), "received"),
        (None, activity("3", "Delete"), "removed"),
        (known("1"), activity("1"), "same"),
        # versions that are numbers are in the order of numbers
        (known("1"), activity("2"), "changed"),
        (known("9"), activity("10"), "changed"),
        (known("10"), activity("9"), "older"),
        # so are moments
        (known("2026-11-24T10:00:00"), activity("2026-11-24T10:00:01"), "changed"),
        (known("2026-11-24T10:00:00"), activity("2026-11-24T09:59:59"), "older"),
        # other versions say nothing: the network's time does, or else what comes later is newer
        (known(HASH_A, 50), activity(HASH_B, at=60), "changed"),
        (known(HASH_A, 50), activity(HASH_B, at=40), "older"),
        (known(HASH_A, 50), activity(HASH_B, at=50), "changed"),
        (known(HASH_A, 50), activity(HASH_B), "changed"),
        (known("7", 50), activity(HASH_B, at=40), "older"),
        # removals
        (known("1"), activity("2", "Delete"), "removed"),
        (known("1"), activity("1", "Delete"), "removed"),
        (known(HASH_A, 50), activity("", "Delete"), "removed"),
        (known("3", gone=True), activity("3", "Delete"), "same"),
        (known("3", gone=True), activity("", "Delete"), "same"),
        (known("5"), activity("4", "Delete"), "older"),
        # what is gone only comes back by what is newer
        (known("3", 90, gone=True), activity("2", "Update"), "older"),
        (known("3", 90, gone=True), activity("4", "Update"), "changed"),
        (known(HASH_A, 90, gone=True), activity(HASH_A, at=50), "older"),
        (known(HASH_A, 90, gone=True), activity(HASH_B), "older"),
        (known(HASH_A, 90, gone=True), activity(HASH_B, at=91), "changed"),
    ],
)
def test_what_an_activity_is_given_what_is_known(before: Sighting | None, now: Activity, news: str) -> None:
    assert sightings.judge(before, now) == news


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (known(HASH_A, 50), activity(HASH_B, at=40), "changed"),
        (known("gone", 90, gone=True), activity(HASH_A, at=50), "changed"),
        (known("3", 90, gone=True), activity("2", "Update"), "older"),
        (known(HASH_A, 50), activity(HASH_A, at=40), "same"),
    ],
)
def test_what_stands_there_now_is_not_made_old_by_its_time(
    before: Sighting, now: Activity, news: str
) -> None:
    assert sightings.judge(before, now, current=True) == news


def test_a_key_fits_its_column_whatever_the_network_calls_things() -> None:
    channel = Channel(network="n" * 40, obj="0" * 32)
    keys = {sightings.key_of(channel, "i" * 200, ":" * n, gone=True) for n in (98, 99, 100)}
    assert len(keys) == 3
    assert all(len(f"{key}%after-{'0' * 32}") <= 400 for key in keys)


def test_keys_of_different_versions_and_things_never_meet() -> None:
    channel = Channel(network="practice", obj="0" * 32)
    keys = [
        sightings.key_of(channel, name, version, gone=gone)
        for name, version in [
            ("a", "b:c"),
            ("a:b", "c"),
            ("a", "b%3Ac"),
            ("a:b:c", ""),
            ("a", "gone"),
            ("a", ""),
        ]
        for gone in (False, True)
    ]
    assert len(set(keys)) == len(keys)
    assert keys[0] == f"practice:{'0' * 32}:a:b%3Ac"


def test_times_that_no_calendar_has_are_left_out() -> None:
    assert sightings.seen_of(activity("1", at=-5)).published_ms == 0
    assert sightings.seen_of(activity("1", at=10**18)).published_ms == sightings.TIME_MS_MAX
    assert sightings.root_of(replace(activity("1"), thread="")) == "c1"
