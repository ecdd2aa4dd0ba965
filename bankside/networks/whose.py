"""Whose profile it is: what anybody may see of an account on a network, and where to look for it.

A member of the card proves that a profile is hers; none of this needs a grant of the bank's.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a member typed as her profile, understood. `account` is empty when it only says where she is.

    `settings`: those of a connector that can look the account up.
    """

    account: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An account as everybody sees it. `remote_id` is the same as that of the `Actor` of what it says.

    `url` is its page for people; `since_ms` when it was made (UTC), 0 where the network does not tell.
    """

    remote_id: str
    handle: str
    url: str
    since_ms: int = 0
