"""A built wheel carries what a desk needs: pages, languages, data of networks, front-end files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house import tree

CARRIED = {".py", ".html", ".css", ".js", ".svg", ".toml", ".txt", ".po"}
FETCHED = {
    "htmx.min.js",
    "icons.svg",
    "fonts/instrument-sans-latin-wght-normal.woff2",
    "licences/htmx.org.txt",
}
FONTS = {"instrument-sans-500.ttf", "noto-sans-kr-500.otf", "licences/embedpdf-fonts-sc.txt"}
VENDOR = tree.ROOT / "bankside/web/static/vendor"


@pytest.mark.skipif(
    not (VENDOR / ".stamp").exists(), reason="front-end files not fetched: run bin/front_end.py"
)
def test_everything_is_in_the_wheel(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(tree.ROOMS, source / "bankside", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(tree.ROOT / "requirements", source / "requirements")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(tree.ROOT / name, source)
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(tmp_path)]
    command = [sys.executable, "-m", "pip", "wheel", *flags, str(source)]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        carried = set(wheel.namelist())
    ours = {str(f) for f in tree.files() if f.parts[0] == "bankside" and f.suffix in CARRIED}
    assert sorted(ours - carried) == []
    assert {name for name in FETCHED if f"bankside/web/static/vendor/{name}" not in carried} == set()
    assert {name for name in FONTS if f"bankside/rewards/art/fonts/{name}" not in carried} == set()
