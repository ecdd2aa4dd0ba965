from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "bankside.record"
    label = "record"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.record import facts, turns

        facts.load()
        turns.ask_often()
