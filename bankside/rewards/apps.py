from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "bankside.rewards"
    label = "rewards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.record import announced, jobs

        jobs.done_in("bankside.rewards.reactions", "rewards.earn")
        jobs.done_in("bankside.rewards.due", "rewards.settle")
        jobs.done_in("bankside.rewards.offer", "rewards.offers")
        jobs.done_in("bankside.rewards.expiry_notice", "rewards.notices")
        jobs.done_in("bankside.rewards.profile_names", "profile-names")
        jobs.done_in("bankside.rewards.card_drawing", "rewards.card-order")
        announced.later(_make_known)


def _make_known() -> None:
    from bankside.rewards import enlisted

    enlisted.enlist()
