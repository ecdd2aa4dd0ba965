from django.apps import AppConfig


class PublishConfig(AppConfig):
    name = "bankside.publish"
    label = "publish"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.record import announced

        announced.later(_make_known)


def _make_known() -> None:
    from bankside.publish import forgotten
    from bankside.publish.projections import POSTS
    from bankside.record.forgetting import forgetters
    from bankside.record.projection import register

    forgetters.forget_in("publish", forgotten.forget)

    register(POSTS)
