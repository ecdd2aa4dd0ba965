"""Links, mentions and tags beside the network's own program: it marks the same texts in the same places."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from bankside.networks.bluesky.record import record_of
from bankside.networks.contract import Post
from tests.servers.bluesky_install import NotInstalled, installed, node

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.timeout(900)]

TEXTS = (
    "Emoji 👩‍👩‍👧 @kim.test hallo",
    "새 지점 https://hanulbank.com/ko?a=1&b=2 #실적",
    "年报 #年报 https://hanulbank.com/zh, @li.test.",
    "Zie (https://hanulbank.com/nl). #jaarverslag! hanulbank.com/pad",
    "#2026 #2026년 no#tag # @ nobody@hanulbank.com",
    "두 줄\n@kim.test\n#하나 #둘",
)
THEIRS = """
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
const here = createRequire(process.argv[1] + '/package.json')
const { RichText } = await import(pathToFileURL(here.resolve('@atproto/api')).href)
const out = JSON.parse(process.argv[2]).map((text) => {
  const rich = new RichText({ text })
  rich.detectFacetsWithoutResolution()
  return rich.facets ?? []
})
console.log(JSON.stringify(out))
"""


def test_texts_are_marked_as_the_networks_own_program_marks_them() -> None:
    try:
        kept = installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    command = [
        str(node(kept) / "node"),
        "--input-type=module",
        "-e",
        THEIRS,
        str(kept / "app"),
        json.dumps(TEXTS),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    for text, theirs in zip(TEXTS, json.loads(ran.stdout), strict=True):
        dids = {name: name for name in ("kim.test", "li.test")}
        ours = record_of(Post(text=text), "", dids).get("facets", [])
        assert plain(ours) == plain(theirs), text


def plain(facets: list[dict[str, Any]]) -> list[tuple[int, int, str]]:
    found = []
    for facet in facets:
        [feature] = facet["features"]
        to = next(value for name, value in feature.items() if name in {"uri", "did", "tag"})
        found.append((facet["index"]["byteStart"], facet["index"]["byteEnd"], to))
    return sorted(found)
