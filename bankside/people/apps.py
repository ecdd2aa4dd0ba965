from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.http import HttpRequest

    from bankside.people.models import Staff


class PeopleConfig(AppConfig):
    name = "bankside.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Lends the table of who may do what its place in the record, and has every sign-in become a fact."""
        from django.contrib.auth.signals import user_logged_in

        from bankside.people import policy
        from bankside.record import announced

        policy.contribute()
        announced.later(_make_known)
        user_logged_in.connect(_signed_in, dispatch_uid="people.signed-in")


def _make_known() -> None:
    from bankside.people import forgotten
    from bankside.people.projections import READINGS
    from bankside.record.forgetting import forgetters
    from bankside.record.projection import register

    forgetters.forget_in("people", forgotten.forget)

    register(READINGS)


def _signed_in(request: HttpRequest, user: Staff, **_: Any) -> None:
    from bankside.people import sign_in  # the whole of allauth, which only those who sign in need

    sign_in.signed_in(request, user)
