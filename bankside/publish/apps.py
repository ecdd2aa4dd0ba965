from django.apps import AppConfig


class PublishConfig(AppConfig):
    name = "bankside.publish"
    label = "publish"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.publish.projections import POSTS
        from bankside.record.projection import register

        register(POSTS)
