"""When nothing is wrong with what was being done, but with the database: it is busy, or away, or let us go.

PostgreSQL ends the session of whoever slept in the middle of a change, which Django calls an internal error.
"""

from __future__ import annotations

from django.db import InterfaceError, InternalError, OperationalError

AWAY = (OperationalError, InterfaceError, InternalError)
