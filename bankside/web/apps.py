from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "bankside.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Makes the jobs of this room known to the worker: reports that are put together here."""
        import_module("bankside.web.measured.sending")
