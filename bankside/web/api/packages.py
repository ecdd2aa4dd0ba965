"""Packages of entries: counted, ordered, followed, stopped, and taken away as a ZIP."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from bankside.people import packages
from bankside.record.models import Package
from bankside.record.package.expression import CHARACTERS_MAX
from bankside.web import asked
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.packages import PackageCountOut, PackageIn, PackageOut, Packages, TakingIn
from bankside.web.packaged import answer, plans
from bankside.web.spoken import spoken

router = Router(tags=["packages"])
Where = Annotated[str, StringConstraints(max_length=CHARACTERS_MAX)]


@operation(router, "GET", "/record/packages", packages.ACT, says=Packages)
def package_list(request: HttpRequest) -> Any:
    """The packages that were ordered, newest first, at most 100."""
    return {"items": [_package(row) for row in packages.visible_to(staff_of(request))]}


@operation(router, "GET", "/record/packages/count", packages.ACT, says=PackageCountOut)
def package_count(request: HttpRequest, where: Where) -> Any:
    """How many entries a package of this expression would hold now."""
    staff = staff_of(request)
    return {"entries": str(packages.count(staff, where, asked.outside(staff)))}


@operation(router, "POST", "/record/packages", packages.ACT, says=PackageOut, status=201)
def package_order(request: HttpRequest, said: PackageIn) -> Any:
    """Has a package made. The reason is recorded before anything is."""
    row = packages.order(
        staff_of(request), said.where, said.reason, language=said.language, outside=plans.OUTSIDE
    )
    return _package(row)


@operation(router, "GET", "/record/packages/{obj}", packages.ACT, says=PackageOut)
def package_show(request: HttpRequest, obj: Obj) -> Any:
    """How far it is, or what became of it."""
    return _package(packages.get(staff_of(request), obj))


@operation(router, "POST", "/record/packages/{obj}/stop", packages.ACT, says=PackageOut)
def package_stop(request: HttpRequest, obj: Obj) -> Any:
    """Stops one that is being made, or deletes one that is whole."""
    return _package(packages.stop(staff_of(request), obj))


@operation(router, "POST", "/record/packages/{obj}/file", packages.ACT, says=None)
def package_take(request: HttpRequest, obj: Obj, said: TakingIn) -> Any:
    """The package as a ZIP. Whoever did not order it says why; it is recorded before the first byte."""
    return answer.answer(staff_of(request), obj, said.reason)


def _package(row: Package) -> dict[str, Any]:
    return {
        "obj": row.obj, "where": row.where, "reason": row.reason, "language": row.language,
        "maker": row.maker, "state": row.state, "trouble": spoken(row.trouble), "done": str(row.done),
        "expected": str(row.expected), "files": str(row.files), "size": str(row.size),
        "manifest": row.manifest, "ordered_at": moment(row.ordered_at), "ended_at": moment(row.ended_at),
    }  # fmt: skip
