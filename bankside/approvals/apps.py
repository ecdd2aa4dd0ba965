from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "bankside.approvals"
    label = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.approvals import policy

        policy.contribute()
