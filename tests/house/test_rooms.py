"""Every room has the same shape, and the list of rooms is the architecture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import tree

ROOMS = ("record", "people", "approvals", "channels", "publish", "inbox", "rewards", "measures", "web")
BESIDE = {"networks", "commands", "locale"}
FOLDERS = {
    "record": {"facts", "log", "numbers", "forgetting", "backup", "providers", "package", "examiner"},
    "web": {"staff", "member", "api", "templates", "static", "measured", "respondent", "packaged"},
    "measures": {"study", "observation", "charts"},
    "rewards": {"rules", "ledger", "art", "payments", "passes"},
}
MUST = ("__init__.py", "apps.py")
NOT_OURS = {"views.py", "forms.py", "admin.py", "signals.py", "tests.py", "managers.py", "serializers.py"}


def misshapen(room: Path) -> list[str]:
    """What a room lacks or has too much."""
    tables = room.name != "web"
    wrong = [
        f"no {name}"
        for name in (*MUST, *(("models.py", "migrations") if tables else ()))
        if not (room / name).exists()
    ]
    wrong += [f"{name} is not in the shape of a room" for name in NOT_OURS if (room / name).exists()]
    allowed = {"migrations", "__pycache__", *FOLDERS.get(room.name, set())}
    inner = [folder.name for folder in room.iterdir() if folder.is_dir()]
    return wrong + [f"folder {name}" for name in inner if name not in allowed]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_the_shape(room: str) -> None:
    assert misshapen(tree.ROOMS / room) == []


def test_the_folders_are_the_rooms() -> None:
    found = {file.parts[1] for file in tree.files() if file.parts[0] == "bankside" and len(file.parts) > 2}
    assert found == {*ROOMS, *(BESIDE & found)}


def test_the_rooms_are_installed() -> None:
    from django.conf import settings

    ours = [app.removeprefix("bankside.") for app in settings.INSTALLED_APPS if app.startswith("bankside.")]
    assert sorted(ours) == sorted(ROOMS)


def test_a_misshapen_room_is_found(tmp_path: Path) -> None:
    room = tmp_path / "gossip"
    (room / "drawers").mkdir(parents=True)
    (room / "__init__.py").touch()
    (room / "views.py").touch()
    found = misshapen(room)
    assert found == [
        "no apps.py",
        "no models.py",
        "no migrations",
        "views.py is not in the shape of a room",
        "folder drawers",
    ]
