"""Who may order a package of entries, stop it and take it away; the record makes it (`record/package`)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bankside.people import exports, policy
from bankside.people.models import Staff
from bankside.record.ids import new_id
from bankside.record.models import Package
from bankside.record.package import orders
from bankside.record.package.orders import Order
from bankside.record.package.selecting import Outside
from bankside.said import Said

ACT: Final = "record.export"
KEY_CHARACTERS_MAX: Final = 100


def count(staff: Staff, where: str, outside: Outside) -> int:
    """How many entries it would hold. Raises NotYours and ExpressionWrong."""
    policy.require(staff, ACT)
    return orders.count(where, outside)


def order(
    staff: Staff, where: str, reason: str, *, language: str, outside: Outside, key: str = ""
) -> Package:
    """Has a package made; the same `key` of hers gives the same. Raises NotYours, ReasonMissing and
    ExpressionWrong."""
    policy.require(staff, ACT)
    asked = Order(
        maker=staff.actor, where=where.strip(), reason=exports.reason_of(reason), language=language,
        key=f"{staff.uid}:{key[:KEY_CHARACTERS_MAX] or new_id()}",
    )  # fmt: skip
    return orders.order(asked, outside)


def stop(staff: Staff, obj: str) -> Package:
    """Stops one that is being made, or deletes one that is whole. Raises NotYours and NoSuchPackage."""
    row = get(staff, obj)
    orders.stop(row, staff.actor, Said("A person stopped or deleted it."))
    return orders.get(obj)


def take(staff: Staff, obj: str, reason: str) -> tuple[Package, Path]:
    """A package and its folder, for whoever may have it. Somebody else than its maker says why again.

    Raises NotYours, NoSuchPackage, NotThereYet and ReasonMissing.
    """
    row = get(staff, obj)
    why = row.reason if row.maker == staff.actor and not reason.strip() else exports.reason_of(reason)
    return row, orders.take(row, staff.actor, why)


def visible_to(staff: Staff) -> list[Package]:
    """The packages, newest first, for those who may have any. Raises NotYours."""
    policy.require(staff, ACT)
    return orders.newest()


def get(staff: Staff, obj: str) -> Package:
    """One of them. Raises NotYours and NoSuchPackage."""
    policy.require(staff, ACT)
    return orders.get(obj)


def may_go_on(row: Package) -> bool:
    """Whether whoever ordered it is still here, and still may. The operator at the machine always may."""
    if not row.maker.startswith("u:"):
        return True
    staff = Staff.objects.filter(uid=row.maker.removeprefix("u:")).first()
    return staff is not None and policy.may(staff, ACT)


def actors_named(address: str) -> list[str]:
    """Who has this mail address, as the record names her."""
    return [staff.actor for staff in Staff.objects.filter(email__iexact=address)]


def may_still_take(staff: Staff, obj: str) -> bool:
    """Whether somebody who has begun to take a package away may go on: asked of the database anew."""
    now = Staff.objects.filter(pk=staff.pk).first()
    row = Package.objects.filter(obj=obj).first()
    return now is not None and policy.may(now, ACT) and row is not None and row.state == Package.MADE


def new_key() -> str:
    """A key for one form: sent twice, it orders one package."""
    return new_id()
