"""Whose session it is: for the live line, which knows a cookie and nothing else of a request."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest


def signed_in(session_key: str) -> bool:
    """Whether the session is of somebody who is signed in and still works here."""
    close_old_connections()
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return bool(user.is_authenticated and user.is_active)
