"""Signing in: only people who were added to the desk, and every sign-in is a fact."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's door, without a way in for people who were not added."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up; staff are added."""
        return False
