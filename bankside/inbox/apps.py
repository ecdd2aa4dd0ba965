from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "bankside.inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.record import announced

        announced.later(_make_known)


def _make_known() -> None:
    from bankside.inbox import forgotten, wording
    from bankside.inbox.projections import INBOX
    from bankside.inbox.reactions import TRIAGES
    from bankside.record.forgetting import forgetters
    from bankside.record.projection import register

    forgetters.forget_in("inbox", forgotten.forget)
    forgetters.tidy_in("inbox", wording.overwrite)

    register(INBOX)
    register(TRIAGES)
