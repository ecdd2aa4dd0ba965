"""Facts about consent. `thing` is the obj of what is to be said (post or reply), `version` its version."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactWords:
    """What one channel would say, named by the digest of its exact words."""

    channel: str
    digest: str


@fact("approvals.approval-asked")
@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked:
    """Somebody asked a second person to agree to exact words. `kind` is post or reply."""

    request: str
    kind: str
    thing: str
    version: str
    author: str
    editor: str
    words: tuple[ExactWords, ...]
    expires_ms: int


@fact("approvals.approval-given", leaf="approve")
@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """A second person agreed to exactly these words."""

    request: str
    kind: str
    thing: str
    version: str
    approver: str
    words: tuple[ExactWords, ...]
    expires_ms: int


@fact("approvals.sent-back", leaf="reject")
@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """A second person did not agree and said why."""

    request: str
    kind: str
    thing: str
    version: str
    approver: str
    reason: str


@fact("approvals.approval-void")
@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalVoid:
    """The consent is gone: the words were changed, or it was taken back. Expiry needs no fact."""

    request: str
    kind: str
    thing: str
    version: str
    reason: str


@fact("approvals.policy-consent", leaf="approve")
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyConsent:
    """Policy asks nobody for words of this kind: the consent names the policy that says so."""

    kind: str
    thing: str
    version: str
    author: str
    policy: str
    words: tuple[ExactWords, ...]
    expires_ms: int
