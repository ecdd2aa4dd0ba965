"""Acts that were read again, as the rules of a version would have seen them: on their days, with what the
member had done until then, and with what became of them. Nothing is posted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from bankside.rewards import earning
from bankside.rewards.acts import DEPTH_MAX
from bankside.rewards.ledger.active import mark
from bankside.rewards.past import Done, Reading, Turn
from bankside.rewards.past_standing import Standings
from bankside.rewards.rules.act import EARNING_EVIDENCE, Act
from bankside.rewards.rules.replay import Happened, Used
from bankside.rewards.rules.terms import Earn


class Placing:
    """What one programme would have seen: give it what `reading` gave, in order, once that has read
    everything.

    `last`: the last day of the window; what was disclosed after it brings nothing.
    """

    def __init__(self, reading: Reading, standings: Standings, last: int) -> None:
        self.terms, self.standings, self.last = reading.terms, standings, last
        self._turns, self._depths = reading.turns, reading.depths()
        self._sources: set[str] = set()

    def take(self, done: Sequence[Done]) -> tuple[list[Happened], list[Used]]:
        """Some acts in order of arrival; and what their members had used before the first day."""
        used = self.standings.of({one.act.member for one in done})
        links = [one.act.source for one in done if one.act.kind == "link"]
        self._sources |= self.standings.linked(links)
        return [one for some in done for one in self._happened(some)], used

    def _happened(self, one: Done) -> Iterator[Happened]:
        if one.act.kind == "link":  # the same profile or network again is nothing new
            if one.act.source in self._sources:
                return
            self._sources.add(one.act.source)
        act, paying = self._placed(one)
        gone, later = one.gone, list[Happened]()
        if turns := [turn for turn in self._turns.get(one.remote, ()) if one.remote and turn.seq > act.seq]:
            gone, later = self._turned(act, one.said, turns, [rule for rule in paying if rule.cls == "B"])
        yield Happened(act, _named(one.said), False, self._is_taken_back(act, gone))
        yield from later

    def _placed(self, one: Done) -> tuple[Act, list[Earn]]:
        """The act, and the rules that would pay for it, if need be once it is disclosed."""
        act = self._in_thread(one)
        rules = self.terms.earning[act.network, act.kind]
        said = any(rule.id in one.said for rule in rules)
        act = earning.placed(act, self.terms, self.standings.now, disclosed=said)
        earns = act.evidence in EARNING_EVIDENCE
        paying = [rule for rule in rules if earns and rule.evaluate(act)]
        if any(rule.cls == "A" for rule in paying):
            mark(self.standings.now.days, act.member, act.day)
        if paying:
            self.standings.now.done.add((act.member, act.kind))
        return act, paying

    def _in_thread(self, one: Done) -> Act:
        """With how many answers of members its thread had before, if that is the bank's own."""
        if not one.place or not (one.act.own_thread or one.place in self._depths):
            return one.act
        depth = self._depths.get(one.place, 0)
        self._depths[one.place] = depth + 1
        return msgspec.structs.replace(one.act, own_thread=True, depth=min(depth, DEPTH_MAX))

    def _turned(
        self, act: Act, said: Iterable[str], turns: Iterable[Turn], rules: Sequence[Earn]
    ) -> tuple[int, list[Happened]]:
        """When it was taken away, or did not say any more that it is advertising (UTC ms, 0: never); and what
        it got once it said so, while the hold lasts."""
        calendar = earning.calendar_of(self.terms)
        paid, later = {rule.id for rule in rules} & set(said), list[tuple[Act, set[str]]]()
        gone = 0
        for turn in turns:
            if turn.said is None or paid - set(turn.said):
                gone = turn.at
                break
            fresh = {rule.id for rule in rules} & set(turn.said) - paid
            if fresh and turn.member == act.member and turn.at < act.at + self.terms.hold_ms:
                paid |= fresh
                again = msgspec.structs.replace(act, seq=turn.seq, at=turn.at, day=calendar.day(turn.at))
                later.append((again, fresh))
        return gone, [
            Happened(again, _named(fresh), True, self._is_taken_back(again, gone))
            for again, fresh in later
            if again.day <= self.last
        ]

    def _is_taken_back(self, act: Act, gone: int) -> bool:
        """Whether it was gone before the day on which its points settle."""
        calendar = earning.calendar_of(self.terms)
        return bool(gone) and calendar.day(gone) < calendar.settles(act.at)


def _named(rules: Iterable[str]) -> str:
    names = "|".join(sorted(rules))
    return f"|{names}|" if names else ""
