"""The ASGI application of the live line, for granian: `bankside.web.live:application`."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bankside.settings")
django.setup()

from bankside.web.live_line import application as application  # noqa: E402
