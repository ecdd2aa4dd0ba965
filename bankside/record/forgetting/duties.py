"""Until when a duty to keep is in force: what the classes of retention in the leaves say of it now."""

from __future__ import annotations

from django.db import connection, transaction

from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.keeping import RetentionDecided
from bankside.record.forgetting import covered, retention
from bankside.record.forgetting.covered import Scope
from bankside.record.ids import new_id
from bankside.record.models import Term

FOR_EVER_MS = 2**53 - 1
ACTOR = "s:keeping"
_RET = b'"ret":"'


def until_ms(scope: Scope) -> int:
    """The moment (ms) when the last duty to keep words of this scope is over; 0 when none is in force now."""
    now, months = clock.now_ms(), terms()
    duties = {name for name, one in retention.classes().items() if one.duty}
    ends = (_end(t, months.get(ret, 0)) for ret, t in _newest(scope).items() if ret in duties)
    return max((end for end in ends if end > now), default=0)


def terms() -> dict[str, int]:
    """The months of every class: the longer of what its file says and what it ever said. 0: for ever."""
    found = {name: one.months for name, one in retention.classes().items()}
    for name, months in Term.objects.values_list("name", "months"):
        found[name] = longer(found.get(name, months), months)
    return found


def longer(one: int, other: int) -> int:
    """Of two terms in months the longer one; 0 is for ever."""
    return max(one, other) if one and other else 0


def decide() -> bool:
    """Writes down the terms when a class is new or grew, and records it; False when nothing did."""
    known = dict(Term.objects.values_list("name", "months"))
    now = terms()
    grown = {name: months for name, months in now.items() if known.get(name) != months}
    if not grown:
        return False
    with transaction.atomic():
        for name, months in sorted(grown.items()):
            Term.objects.update_or_create(name=name, defaults={"months": months})
        names = tuple(sorted(now))
        said = RetentionDecided(classes=names, months=tuple(str(now[name]) for name in names))
        append(said, f"record.retention-decided:{new_id()}", actor=ACTOR, obj=new_id())
    return True


def ret_of(leaf: bytes) -> str:
    """The class that a leaf names; a look at its bytes, as there may be a million of them."""
    start = leaf.index(_RET) + len(_RET)
    return leaf[start : leaf.index(b'"', start)].decode()


def _newest(scope: Scope) -> dict[str, int]:
    """The time of the newest entry with words, by class: it is the last whose term ends."""
    condition, values = covered.where(scope)
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select e.t, e.leaf from record_entry e join record_payload p on p.n = e.n
            where {condition}""",  # noqa: S608
            values,
        )
        for t, leaf in cursor:
            ret = ret_of(bytes(leaf))
            found[ret] = max(found.get(ret, 0), t)
    return found


def _end(t: int, months: int) -> int:
    return retention.ends_ms(t, months) if months else FOR_EVER_MS
