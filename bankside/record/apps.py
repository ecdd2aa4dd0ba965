from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "bankside.record"
    label = "record"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from bankside.record import facts, identifiers, jobs, turns

        facts.load()
        identifiers.keep(settings.IDENTIFIERS_KEPT)
        turns.ask_often()
        jobs.done_in("bankside.record.cosigning", "record.cosign")
