"""A programme after it was read: frozen terms that pages, ledger and dry run share. Nothing here reads a
file.

Points are whole numbers, money is minor units of the programme's currency, shares are basis points
(10,000 is all), times are milliseconds of UTC unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bankside.rewards.rules.act import EARNING_EVIDENCE, Act
from bankside.rewards.rules.expression import Expression
from bankside.rewards.rules.standing import Standing
from bankside.said import Said

Class = Literal["A", "B"]
Per = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Earn:
    """One rule by which an act earns points.

    `id` is its name for ever; `slot` only its place in this version, from 0. `networks` empty: all.
    `own_thread`: only in a thread of the bank's own. `campaign` empty: any. A member gets at most
    `cap_points` and at most `cap_times` awards per `per` (day or calendar month of the programme's zone);
    what passes the cap is cut, not dropped: with 3 points left, an award of 9 is 3. `cooldown_ms`: an act
    counts only when so much time passed since this member's last act that passed this cool-down (0: none);
    it is looked at before the caps, so an act that counted and got nothing because of a cap starts it too.
    `fund`: the points this rule may ever pay to all members together; 0: no such limit. `disclose`: for
    class B the words of which one must stand within the first `within` characters of the post, by language
    (`en`, `ko`, `zh`, `nl`); empty for class A. `amount_unit`: the field `amount` counts in so many minor
    units, rounded down. `most`: the greatest award that interval analysis finds for one act.
    """

    slot: int
    id: str
    cls: Class
    on: tuple[str, ...]
    when: Expression | None
    points: Expression
    cap_points: int
    cap_times: int
    per: Per
    most: int
    evaluate: Callable[[Act], int]
    networks: tuple[str, ...] = ()
    own_thread: bool = False
    campaign: str = ""
    cooldown_ms: int = 0
    fund: int = 0
    disclose: Mapping[str, str] = field(default_factory=dict)
    within: int = 0
    amount_unit: int = 1

    def word_for(self, lang: str) -> str:
        """The disclosure for a post in a language such as `ko` or `zh-Hans`; "" when there is none."""
        return self.disclose.get(lang.replace("_", "-").partition("-")[0].lower(), "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """Something back for spending with a merchant.

    Either `back`, in basis points of the amount and never more than `max` a time, or `fixed`, the same each
    time (`max` is then the same number). `kind` says in what: `credit` (minor units on the statement) or
    `points`. `mcc` and `merchants` empty: everywhere. `freq_times` uses per `per`; `fund` is all it may
    ever give, in the same unit; `holdout` the share of eligible members, in basis points, who are never
    shown it. It holds from `from_ms` until before `to_ms` (0: no end). `eligible` decides by declared
    interests, tier and spend alone.
    """

    slot: int
    id: str
    kind: Literal["credit", "points"]
    title: Mapping[str, str]
    back: int
    fixed: int
    max: int
    mcc: tuple[int, ...]
    merchants: tuple[str, ...]
    when: Expression | None
    freq_times: int
    per: Per
    fund: int
    holdout: int
    from_ms: int
    to_ms: int
    eligible: Callable[[Standing], bool]

    @property
    def personal(self) -> bool:
        """True when it is chosen by what is known of the member; False: it is for everybody."""
        return self.when is not None

    def reward(self, amount: int) -> int:
        """What a clearing of so many minor units gives, before frequency and fund; never negative."""
        if self.fixed:
            return self.fixed if amount > 0 else 0
        return max(0, min(self.max, amount * self.back // 10_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A step of taking part: from so many active days in the last 30. `number` 1 is the lowest; 0 is none."""

    number: int
    id: str
    active_days: int
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test inside the file: an act, and the points it must bring by rule. `line` is where it stands."""

    given: Mapping[str, object]
    expect: Mapping[str, int]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """One version of a programme. `text` is the file as signed, `sha256` the digest of its UTF-8, in hex.

    `zone`: name of the IANA zone in which its days and months begin. `worth_points` points are worth
    `worth_minor` minor units of `currency`. `earning`: (network, kind) -> rules; ask by `earning[network,
    kind]`.
    """

    id: str
    unit: str
    zone: str
    hold_ms: int
    life_months: int
    notice_months: int
    currency: str
    worth_points: int
    worth_minor: int
    languages: tuple[str, ...]
    tiers: tuple[Tier, ...]
    earn: tuple[Earn, ...]
    offers: tuple[Offer, ...]
    tests: tuple[Trial, ...]
    sha256: str
    text: str
    earning: Mapping[tuple[str, str], tuple[Earn, ...]]

    def money(self, points: int) -> int:
        """What points are worth in minor units, rounded up."""
        return -(-points * self.worth_minor // self.worth_points)

    def awards(self, act: Act) -> tuple[tuple[Earn, int], ...]:
        """The rules that pay for an act and their points, before caps; nothing if its evidence may not
        earn."""
        if act.evidence not in EARNING_EVIDENCE:
            return ()
        found = []
        for rule in self.earning[act.network, act.kind]:
            points = rule.evaluate(act)
            if points:
                found.append((rule, points))
        return tuple(found)

    def tier_of(self, active_days: int) -> int:
        """The number of the highest tier that so many active days in the last 30 reach; 0 for none."""
        return max((tier.number for tier in self.tiers if active_days >= tier.active_days), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong in the text of a programme, at a line and a column from 1. `hint` may be ""."""

    line: int
    column: int
    message: Said
    hint: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An act that a rule pays for, shown to who writes it: only the fields that differ from an empty act."""

    rule: str
    given: Mapping[str, object]
    points: int


class ProgrammeWrong(ValueError):
    """The text is no programme; `findings` says everything that is wrong, in the order of the text."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__(Said("The programme has %(count)s mistakes.", count=len(findings)))
