from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "bankside.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Says where the job of this room is done: reports that are put together here."""
        from bankside.record import jobs

        jobs.done_in("bankside.web.measured.sending", "measures.report")
        jobs.done_in("bankside.web.packaged.job", "record.package")
