from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "bankside.measures"
    label = "measures"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.measures import reminders, study_looking  # noqa: F401 - their jobs are known by it
        from bankside.measures.projections import COUNTS
        from bankside.record.projection import register

        register(COUNTS)
