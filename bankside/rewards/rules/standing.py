"""What offers see of a member: taking part, spending with consent, and what the member declared. No posts."""

from __future__ import annotations

import msgspec


class Standing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One member at one moment.

    `tier` 0 to 3, `tenure` in months, `spend` in minor units in the last 30 days (0 without consent),
    `active_days` of the last 30, `link_days` the age of the oldest live link in days, `interest` the
    interests the member declared, `language` such as `ko`.
    """

    tier: int = 0
    tenure: int = 0
    spend: int = 0
    active_days: int = 0
    link_days: int = 0
    interest: tuple[str, ...] = ()
    language: str = ""
