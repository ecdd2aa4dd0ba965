from django.apps import AppConfig
from django.conf import settings


class ChannelsConfig(AppConfig):
    name = "bankside.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Announces the jobs of this room, and makes the bank's own data files known to the catalogue."""
        from bankside.record import jobs

        jobs.done_in("bankside.channels.attempt", "delivery")
        jobs.done_in("bankside.channels.polling", "poll")
        jobs.done_in("bankside.channels.reading", "forget-items")
        jobs.done_in("bankside.channels.pictures", "fetch-picture", "forget-pictures")
        jobs.done_in("bankside.channels.reconciliation", "reconcile")
        jobs.done_in("bankside.channels.capabilities", "capabilities")
        jobs.done_in("bankside.channels.counts", "counts")
        jobs.done_in("bankside.channels.mail", "channels.mail")
        if any(settings.NETWORKS_FOLDER.glob("*.toml")):
            from bankside.networks import catalogue  # it takes a tenth of a second, for most commands in vain

            catalogue.also_in(settings.NETWORKS_FOLDER)
