from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "bankside.rewards"
    label = "rewards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.rewards import enlisted

        enlisted.enlist()
