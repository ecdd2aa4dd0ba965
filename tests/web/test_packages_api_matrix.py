"""Every address of packages in the API, for every role; ordering, following and taking one by program."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bankside.people import policy
from bankside.people import staff as people
from bankside.record import reading
from bankside.web.api.routes import api
from bankside.web.packaged import job
from tests.scene import Scene
from tests.web.caller import By, Caller

REASON = "Request 2026-113 of the supervisor"
ORDER = {"where": "type = login or type = config", "reason": REASON, "language": "nl"}
ADDRESSES = {
    ("GET", "/record/packages"): (200, None),
    ("GET", "/record/packages/count"): (200, None),
    ("POST", "/record/packages"): (201, ORDER),
    ("GET", "/record/packages/{obj}"): (200, None),
    ("POST", "/record/packages/{obj}/stop"): (200, {}),
    ("POST", "/record/packages/{obj}/file"): (422, {"reason": REASON}),  # it is not whole yet
}


@pytest.fixture(autouse=True)
def _data(settings: Any, tmp_path: Path) -> Any:
    settings.DATA = tmp_path
    yield
    job.forget()


def test_every_address_is_here_and_names_its_act() -> None:
    there = {
        (method.upper(), path.removeprefix("/api/v1")): said["x-act"]
        for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items()
        for method, said in methods.items()
        if "packages" in said["tags"]
    }
    assert there == dict.fromkeys(ADDRESSES, "record.export")


@pytest.mark.more
def test_who_may_what(scene: Scene, by: By) -> None:
    _, row = by("auditor").ask("POST", "/record/packages", ORDER)
    callers = {role: Caller(people.add(f"{role}@hanul.example", role, role=role)) for role in policy.ROLES}
    for (method, path), (status, body) in ADDRESSES.items():
        address = path.replace("{obj}", row["obj"]) + ("?where=all" if path.endswith("count") else "")
        assert Caller(None).ask(method, address, body)[0] == 401
        for role, caller in callers.items():
            may = role in policy.TABLE["record.export"]
            assert caller.ask(method, address, body)[0] == (status if may else 403), (method, path, role)


def test_a_program_orders_follows_and_takes_one(scene: Scene, by: By) -> None:
    program = by("auditor")
    status, counted = program.ask("GET", "/record/packages/count?where=type%20%3D%20config")
    assert status == 200 and int(counted["entries"]) > 0
    status, row = program.ask("POST", "/record/packages", ORDER)
    assert (status, row["state"], row["language"]) == (201, "waiting", "nl")
    scene.work()
    _, row = program.ask("GET", f"/record/packages/{row['obj']}")
    assert (row["state"], row["done"]) == ("made", row["expected"])
    assert [one["obj"] for one in program.ask("GET", "/record/packages")[1]["items"]] == [row["obj"]]
    answer: Any = program.client.post(
        f"/api/v1/record/packages/{row['obj']}/file",
        "{}",
        content_type="application/json",
        headers=program.headers,
    )
    assert answer.streaming, answer.content
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert f"package-{row['obj'][:8]}/manifest.json" in archive.namelist()
    assert len(reading.entries(fact="record.package-taken")) == 1


def test_mistakes_have_their_place(scene: Scene, by: By) -> None:
    status, said = by("auditor").ask("POST", "/record/packages", {"where": "all and\nx", "reason": REASON})
    assert status == 422 and said["detail"].startswith("Line 2, column 1: ")
    status, said = by("auditor").ask("POST", "/record/packages", {"where": "all", "reason": ""})
    assert status == 422 and not reading.entries(fact="record.package-ordered")
    assert by("auditor").ask("GET", f"/record/packages/{'0' * 32}")[0] == 404
