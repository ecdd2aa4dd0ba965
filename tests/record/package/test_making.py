from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from defusedxml.ElementTree import parse as parse_xml  # type: ignore[import-untyped]

from bankside.record import seal
from bankside.record.append import Entry as Recorded
from bankside.record.append import append_many
from bankside.record.models import Entry, Hold
from bankside.record.package import finishing, making, selecting
from bankside.record.package.checking import check_package
from bankside.record.package.making import Found
from bankside.record.package.selecting import Outside
from tests.record.package import small
from tests.record.tampered import let_rows_change

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG a picture"


@pytest.fixture
def said(settings: Any, tmp_path: Path) -> list[Recorded]:
    settings.LOG_FOLDER = tmp_path / "log"
    return small.tell(6)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "entries.jsonl").read_text().splitlines()]


def test_it_holds_every_entry_with_its_words_and_a_proof(said: list[Recorded], out: Path) -> None:
    made = small.made(out)
    told = lines(out)
    assert [line["leaf"] for line in told] == [entry.leaf.decode() for entry in said]
    assert {line["state"] for line in told} == {"readable"}
    assert json.loads(told[1]["plaintext"])["data"]["seen"]["text"] == small.SAID[1][2]
    assert (out / told[2]["text"]).read_text() == small.SAID[2][2] + "\n"
    assert all((out / line["proof"]).is_file() and (out / line["page"]).is_file() for line in told)
    assert not list(out.parent.glob(".new-*"))
    report = check_package(out)
    assert (report.problems, report.entries) == ([], 6)
    assert made.entries == 6 and made.size > 0


def test_what_may_not_be_read_is_said_as_such(said: list[Recorded], out: Path) -> None:
    small.erase(said[0])
    small.restrict(said[1])
    Hold.objects.create(
        obj="b" * 32, kind="subject", target=said[2].subj, reason="a test", placed_by="s:test", placed_at=1
    )
    small.made(out)
    told = lines(out)
    assert [line["state"] for line in told[:4]] == ["erased", "restricted", "held", "readable"]
    assert not any(told[place][name] for place in (0, 1) for name in ("plaintext", "key", "text"))
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    for place in (0, 1):
        assert small.SAID[place][2].encode() not in everything
        assert small.SAID[place][0].encode() not in everything
    assert small.SAID[2][2].encode() in everything
    page = (out / told[1]["page"]).read_text()
    assert "The words are restricted and are given to nobody." in page
    assert check_package(out).holds


def test_hostile_words_are_inert_everywhere(said: list[Recorded], out: Path) -> None:
    small.made(out)
    line = lines(out)[4]
    for path in [out / "index.html", *out.glob("html/*/*.html")]:
        page = path.read_text()
        assert "<img src=x" not in page and "</script>" not in page and "\u202e" not in page
        assert "default-src 'none'" in page
    page = (out / line["page"]).read_text()
    assert "&lt;img src=x onerror=alert(1)&gt;<span class=u>U+202E</span>" in page
    rows = list(csv.reader(io.StringIO((out / "entries.csv").read_text("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1 and len(rows) == 7
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    assert rows[5][7] == "'" + small.SAID[4][0]


def test_the_load_file_has_its_own_marks_and_nobody_elses(said: list[Recorded], out: Path) -> None:
    small.made(out)
    data = (out / "load/package.dat").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf\xc3\xbeDOCID\xc3\xbe\x14") and data.endswith(b"\xc3\xbe\r\n")
    rows = data.decode("utf-8-sig").removesuffix("\r\n").split("\r\n")
    fields = [[field.strip("þ") for field in row.split("\x14")] for row in rows]
    assert {len(row) for row in fields} == {len(fields[0])} and len(rows) == 7
    named = [dict(zip(fields[0], row, strict=True)) for row in fields[1:]]
    assert named[1]["AUTHOR"] == small.SAID[1][0]
    assert all((out / row[link]).is_file() for row in named for link in ("TEXTLINK", "PROOFLINK", "PAGELINK"))


def test_edrm_is_well_formed_and_its_sums_match(said: list[Recorded], out: Path) -> None:
    digest = hashlib.sha256(PICTURE).hexdigest()
    small.made(out, natives=[Found("a \x00 < picture", "image/png", digest, PICTURE)])
    root: ElementTree.Element = parse_xml(out / "load/package.xml").getroot()
    assert (root.tag, root.get("MajorVersion"), root.get("MinorVersion")) == ("Root", "1", "2")
    documents = root.findall("Batch/Documents/Document")
    assert [one.get("DocID") for one in documents] == [f"BKS000000{n}" for n in range(1, 7)]
    files = root.findall(".//ExternalFile")
    assert len(files) == 7
    for file in files:
        data = (out / file.attrib["FilePath"] / file.attrib["FileName"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (
            int(file.attrib["FileSize"]),
            file.get("Hash"),
        )


def test_media_are_given_once_and_what_is_missing_is_said(said: list[Recorded], out: Path) -> None:
    digest = hashlib.sha256(PICTURE).hexdigest()
    found = Found("one.png", "image/png", digest, PICTURE)
    gone = Found("two.png", "image/png", "0" * 64, None, "The file is missing.")
    other = Found("three.png", "image/png", "1" * 64, PICTURE)
    small.made(out, natives=[found, found, gone, other])
    line = lines(out)[0]
    assert [native["path"] for native in line["natives"]] == [f"natives/{digest[:2]}/{digest}.png"] * 2
    assert (out / line["natives"][0]["path"]).read_bytes() == PICTURE
    page = (out / line["page"]).read_text()
    assert "two.png The file is missing." in page and "three.png" in page
    [problem, *_] = check_package(out).problems  # these words speak of no such file
    assert problem.place == "entries.jsonl line 1" and "does not speak of its file" in problem.what


def test_entries_that_are_not_published_are_given_without_proof_and_that_is_said(
    said: list[Recorded], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_many([small.received(7)])
    small.made(out)
    told = lines(out)
    assert [bool(line["proof"]) for line in told] == [True] * 6 + [False]
    assert "Not published yet" in (out / told[6]["page"]).read_text()
    assert b'"unproved":1' in (out / "manifest.json").read_bytes()
    assert check_package(out).holds


def test_no_package_is_made_of_a_record_that_somebody_changed(said: list[Recorded], out: Path) -> None:
    let_rows_change()
    leaf = said[3].leaf.replace(b"s:intake", b"s:intakf")
    Entry.objects.filter(n=said[3].n).update(leaf=leaf)
    with pytest.raises(making.NotTheRecord, match=str(said[3].n)):
        small.made(out)
    assert not out.exists()


def test_while_the_signer_is_away_nothing_takes_its_place(
    said: list[Recorded], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, pytest.raises(finishing.NotSignedYet):
        patched.setattr(seal, "seal_all", lambda **_: 0)
        small.made(out)
    assert not out.exists()
    small.made(out)
    assert check_package(out).holds


def test_a_killed_start_leaves_nothing_that_counts(said: list[Recorded], out: Path) -> None:
    chosen = selecting.selection("all", Outside())
    steps = making.make(making.Plan(chosen, selecting.newest(), small.ABOUT), finishing.scratch_of(out))
    next(steps)
    del steps
    assert not out.exists() and list(out.parent.glob(".new-*"))
    small.made(out)
    assert not list(out.parent.glob(".new-*")) and check_package(out).holds


def test_memory_does_not_grow_with_the_package(said: list[Recorded], tmp_path: Path) -> None:
    small.tell(200)
    heights = []
    for name in ("few", "half", "all"):
        chosen = selecting.selection("all", Outside())
        until = {"few": said[0].n + 40, "half": said[0].n + 100, "all": selecting.newest()}[name]
        folder = tmp_path / name
        folder.mkdir()
        plan = making.Plan(chosen, until, small.ABOUT)
        tracemalloc.start()
        for _ in making.make(plan, folder):
            pass
        heights.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert heights[2] < heights[1] * 1.3


def test_long_overviews_are_parted(said: list[Recorded], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bankside.record.package.pages.THINGS_PER_PAGE", 2)
    small.made(out)
    first, last = (out / "index.html").read_text(), (out / "html/index-0003.html").read_text()
    assert first.count("<li>") == 2 and 'href="html/index-0002.html"' in first
    assert 'href="index-0003.html"' in (out / "html/index-0002.html").read_text()
    assert last.count("<li>") == 2 and "More of the list" not in last and "../html/" in last
    assert check_package(out).holds


def test_nothing_chosen_is_an_empty_package_that_holds(said: list[Recorded], out: Path) -> None:
    small.made(out, "type = read")
    report = check_package(out)
    assert (report.problems, report.entries) == ([], 0)
