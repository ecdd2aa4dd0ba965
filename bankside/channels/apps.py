from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from bankside.networks import catalogue


class ChannelsConfig(AppConfig):
    name = "bankside.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Makes the jobs of this room known to the worker, and the bank's own data files to the catalogue."""
        catalogue.also_in(settings.NETWORKS_FOLDER)
        for jobs in ("attempt", "polling", "reading", "reconciliation", "capabilities", "mail"):
            import_module(f"bankside.channels.{jobs}")
