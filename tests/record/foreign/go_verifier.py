"""Builds the verifier of Go's own packages, once, under .cache/servers, from what Debian has; offline."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.servers import kept as programs
from tests.servers.kept import NotInstalled

SOURCE = Path(__file__).with_name("verifier.go")
GO_PATH = Path("/usr/share/gocode")
PACKAGE = GO_PATH / "src/golang.org/x/mod/sumdb/tlog"
BUILD_SECONDS_MAX = 300


def missing() -> str:
    """Why it cannot be built; empty when it can."""
    if shutil.which("go") is None:
        return "Go is missing: apt-get install golang-go"
    if not PACKAGE.is_dir():
        return "Go's checksum database is missing: apt-get install golang-golang-x-mod-dev"
    return ""


def installed() -> Path:
    """The folder with the program `verifier`. Raises NotInstalled."""
    if reason := missing():
        raise NotInstalled(reason)
    return programs.once("go-verifier", programs.edition(SOURCE.read_text(encoding="utf-8")), _make)


def _make(fresh: Path) -> str:
    offline = {
        "GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOCACHE": str(fresh / "cache"), "GOFLAGS": "",
        "GOPROXY": "off", "CGO_ENABLED": "0",
    }  # fmt: skip
    command = ["go", "build", "-o", str(fresh / "verifier"), str(SOURCE)]
    programs.run(command, BUILD_SECONDS_MAX, "Go does not build the verifier", environment=offline)
    shutil.rmtree(fresh / "cache", ignore_errors=True)
    return "verifier.go"
