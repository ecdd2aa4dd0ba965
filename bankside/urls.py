"""Every address of the desk. Addresses are nouns; what is done with them is in the verb of the request."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from bankside.web.staff import sign_in

ACCOUNT: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("language/", sign_in.language, name="language"),
    path("account/", sign_in.account, name="account"),
    path("more/", sign_in.more, name="more"),
    path("account/two-factor/", include("allauth.mfa.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *ACCOUNT,
]
