from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "bankside.approvals"
    label = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.approvals import policy
        from bankside.record import announced

        policy.contribute()
        announced.later(_make_known)


def _make_known() -> None:
    from bankside.approvals import forgotten
    from bankside.record.forgetting import forgetters

    forgetters.forget_in("approvals", forgotten.forget)
