"""The worker's sign of life: the time of a file in the data folder, so that a silent worker is noticed."""

from __future__ import annotations

from django.conf import settings

from bankside.record import clock

SILENT_SECONDS_MAX = 30


def beat() -> None:
    """The worker is alive now."""
    path = settings.DATA / "worker.beat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def age_seconds() -> float | None:
    """Seconds since the last sign of life; None when there was never one."""
    try:
        beaten = (settings.DATA / "worker.beat").stat().st_mtime
    except FileNotFoundError:
        return None
    return max(0.0, clock.now_ms() / 1000 - beaten)
