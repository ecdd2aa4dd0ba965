"""The vendors' own files, which are not ours and not here.

`BANKSIDE_TEST_SPECS` names a folder that holds them, or they lie in `shared/data/specs` beside the checkout.
Without them a test is skipped, with that reason.
"""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [
    Path(p) for p in (os.environ.get("BANKSIDE_TEST_SPECS", ""), ROOT.parent / "shared/data/specs") if p
]


def path_of(file: str) -> Path | None:
    """Where a file lies, `x/openapi-v2.json.gz` for example; None when it is nowhere."""
    return next((folder / file for folder in FOLDERS if (folder / file).is_file()), None)


def missing(file: str) -> str:
    """Why a test that needs this file is skipped; empty when it is there."""
    return "" if path_of(file) else f"no {file}: set BANKSIDE_TEST_SPECS to a folder that holds it"


@cache
def document(file: str) -> Any:
    """A JSON file, packed or not. Skips the test when it is not there."""
    path = path_of(file)
    if path is None:
        pytest.skip(missing(file))
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return json.loads(content)
