from importlib import import_module

from django.apps import AppConfig

HANDLERS = ("attempt", "polling")  # importing them declares who does the jobs of their kinds


class ChannelsConfig(AppConfig):
    name = "bankside.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for name in HANDLERS:
            import_module(f"bankside.channels.{name}")
