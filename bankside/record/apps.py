from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "bankside.record"
    label = "record"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from bankside.record import away, facts, identifiers, jobs, rules_in_force, turns
        from bankside.record.forgetting import retention

        facts.load()
        identifiers.keep(settings.IDENTIFIERS_KEPT)
        turns.ask_often()
        away.connect_anew()
        jobs.done_in("bankside.record.cosigning", "record.cosign")
        jobs.done_in("bankside.record.forgetting.shredding", "record.forget")
        jobs.done_in("bankside.record.forgetting.expiring", "record.expire")
        rules_in_force.contribute("record.retention", retention.rules())
