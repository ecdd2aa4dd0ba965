from __future__ import annotations

import pytest
from django.conf import LazySettings

from bankside.approvals import policy
from bankside.record import rules_in_force


def test_another_choice_is_another_rule_in_force(settings: LazySettings) -> None:
    policy.contribute()
    before = rules_in_force.fingerprint()
    settings.REPLY_APPROVAL = "always"
    policy.contribute()
    assert rules_in_force.fingerprint() != before
    settings.REPLY_APPROVAL = "never"
    policy.contribute()
    assert rules_in_force.fingerprint() == before


def test_a_choice_that_is_none_stops_the_start(settings: LazySettings) -> None:
    settings.REPLY_APPROVAL = "sometimes"
    with pytest.raises(ValueError, match="BANKSIDE_REPLY_APPROVAL"):
        policy.contribute()
