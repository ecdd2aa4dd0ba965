"""credit-role: refused where there are no roles; its rights are tried in tests/rewards/test_firewall.py."""

from __future__ import annotations

import pytest
from django.db import connection

from bankside import commands


@pytest.mark.django_db
def test_a_database_without_roles_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has roles: tests/rewards/test_firewall.py")
    assert commands.main(["credit-role", "underwriting"]) == commands.REFUSED
    assert "SQLite has none" in capsys.readouterr().err
