from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "bankside.measures"
    label = "measures"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.record import announced, jobs

        jobs.done_in("bankside.measures.reminders", "measures.remind")
        jobs.done_in("bankside.measures.study_looking", "measures.look")
        announced.later(_make_known)


def _make_known() -> None:
    from bankside.measures.projections import COUNTS
    from bankside.record.projection import register

    register(COUNTS)
