from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.conf import settings

if TYPE_CHECKING:
    from bankside.record.log.verify import Report


class ChannelsConfig(AppConfig):
    name = "bankside.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Announces the jobs of this room, and makes the bank's own data files known to the catalogue."""
        from bankside.record import announced, jobs

        announced.later(_make_known)
        jobs.done_in("bankside.channels.attempt", "delivery")
        jobs.done_in("bankside.channels.polling", "poll")
        jobs.done_in("bankside.channels.reading", "forget-items")
        jobs.done_in("bankside.channels.pictures", "fetch-picture", "forget-pictures")
        jobs.done_in("bankside.channels.reconciliation", "reconcile")
        jobs.done_in("bankside.channels.capabilities", "capabilities")
        jobs.done_in("bankside.channels.counts", "counts")
        jobs.done_in("bankside.channels.mail", "channels.mail")
        jobs.done_in("bankside.channels.notary", "channels.stamp", "channels.copy")
        jobs.done_in("bankside.channels.day_end", "channels.day-end")
        if any(settings.NETWORKS_FOLDER.glob("*.toml")):
            from bankside.networks import catalogue  # it takes a tenth of a second, for most commands in vain

            catalogue.also_in(settings.NETWORKS_FOLDER)


def _make_known() -> None:
    """The audit of what others stamped, which is loaded when it is asked; and how this room forgets."""
    from bankside.channels import forgotten
    from bankside.record import audit
    from bankside.record.forgetting import forgetters, holding

    audit.contribute("channels.stamps", _stamps)
    audit.contribute("channels.media", _media)
    forgetters.forget_in("channels", forgotten.forget)
    forgetters.leave_by("channels", forgotten.leave)
    forgetters.look_by("channels", forgotten.last_look)
    forgetters.restored_in("channels", forgotten.restored)
    holding.contribute(forgotten.channels_of)


def _stamps(report: Report) -> None:
    from bankside.channels import kept_checks

    kept_checks.check_stamps(report)


def _media(report: Report) -> None:
    from bankside.channels import media_check

    media_check.check_media(report)
