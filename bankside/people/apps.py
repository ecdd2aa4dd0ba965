from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "bankside.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bankside.people import policy, sign_in

        policy.contribute()
        sign_in.watch()
