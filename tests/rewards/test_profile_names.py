"""Names of linked profiles are read again after a week, and stay as they were when nobody tells."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bankside.channels import profiles
from bankside.record import clock, jobs
from bankside.record.models import Job
from bankside.rewards import link, profile_names
from tests.rewards import joined

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000_000
WEEK = 7 * 86_400_000


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    def reader(network: str, subject: str) -> Callable[[], profiles.Profile | None]:
        if subject == "unknown":
            raise LookupError(network)
        return lambda: read(subject)

    def read(subject: str) -> profiles.Profile:
        if subject == "gone":
            raise profiles.NotProved("gone")
        return joined.profile(subject, handle="@renamed", url="https://social.example/@renamed")

    monkeypatch.setattr(profiles, "reader", reader)


def test_after_a_week_and_not_before() -> None:
    with clock.frozen(NOW):
        made = [joined.linked(joined.member(), subject) for subject in ("one", "gone", "unknown")]
    with clock.frozen(NOW + WEEK):
        jobs.run_due()
        assert profile_names.due() == []
    with clock.frozen(NOW + WEEK + 3_600_000):
        jobs.run_due()
        assert profile_names.due() == []
    for row in made:
        row.refresh_from_db()
    assert [row.handle for row in made] == ["@renamed", "@gone", "@unknown"]
    assert made[0].subject == "one" and made[0].url.endswith("@renamed")
    assert Job.objects.get(key=profile_names.JOB).due_at == NOW + WEEK + 3_610_000


def test_what_was_unlinked_meanwhile_stays_as_it_was() -> None:
    with clock.frozen(NOW):
        made = joined.linked(joined.member(), "one")
    link.unlink(made.member, made.obj)
    assert profile_names._after([made.pk], {made.pk: joined.profile("one", handle="@renamed")})
    made.refresh_from_db()
    assert made.handle == "@one"


def test_an_errand_that_failed_is_tried_again_in_a_week() -> None:
    made = joined.linked(joined.member(), "one")
    profile_names._after([made.pk], RuntimeError("broken"))
    made.refresh_from_db()
    assert made.handle == "@one" and profile_names.due() == []
