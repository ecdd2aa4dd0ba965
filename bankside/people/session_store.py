"""Sessions as Django keeps them, read by one plain statement: every page and every call begins with it."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

_FOUND = 'select session_data from "django_session" where session_key = %s and expire_date > %s'


class SessionStore(db.SessionStore):
    """What `SESSION_ENGINE` asks for. Only reading differs, and gives what Django's own reading gives."""

    def load(self) -> dict[str, Any]:
        """What is in the session; nothing when there is none, or when it has ended."""
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_FOUND, [self.session_key, now])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return dict(self.decode(row[0]))
