"""Makes the folder of a package, entry by entry, in one pass and with bounded memory.

It gives the number of entries done after each hundred or so, so that whoever makes it can show how far it is,
do something else, or stop. Nothing of it may be given before `finishing` has put it in its place.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from bankside.record import clock, evidence, published, seal, subjects, witnessed
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.proofs import entry_proof_bytes, head_of
from bankside.record.log.proving import NotThere, shown
from bankside.record.log.verify import TRUST
from bankside.record.package import edrm, manifest, pages, sheets
from bankside.record.package.item import Item, Native, number_of, path_of
from bankside.record.package.labels import Labels
from bankside.record.package.opened import Words, words_of
from bankside.record.package.paths import Paths
from bankside.record.package.selecting import Row, Selection, last, rows
from bankside.record.package.written import author_of, text_of, words_in
from bankside.said import Said

ENTRIES_PER_STEP: Final = 50
FILES_PER_STEP: Final = 500
PART_BYTES: Final = 1 << 24
SUFFIXES: Final = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
    "video/mp4": ".mp4",
}  # fmt: skip
ENTRIES, CSV, DAT, XML = "entries.jsonl", "entries.csv", "load/package.dat", "load/package.xml"
EXAMINER, README, STYLE, EVIDENCE = "verify.html", "README.txt", "style.css", "evidence"
_encode = msgspec.json.Encoder(order="sorted").encode


class NotTheRecord(RuntimeError):
    """An entry is not the one that was published: no package is made of it."""


@dataclass(frozen=True)
class Found:
    """A file that belongs to an entry. `content` is None when it cannot be read; `reason` says why."""

    name: str
    mime: str
    sha256: str
    content: bytes | None
    reason: str = ""


Natives = Callable[[Row, Words], Iterable[Found]]


@dataclass(frozen=True)
class Plan:
    """What is made: which entries up to arrival number `until`, for whom to read, with which files.

    `about` goes into the manifest. `examiner` is the page with which others check, empty when there is none.
    """

    chosen: Selection
    until: int
    about: dict[str, Any]
    labels: Labels = field(default_factory=Labels)
    natives: Natives = lambda row, words: ()
    examiner: bytes = b""


def make(plan: Plan, folder: Path) -> Iterator[int]:
    """Writes everything into a folder that is there and empty; gives how many entries are done.

    Raises NotTheRecord, and OSError when the disk refuses.
    """
    with ExitStack() as files:
        making = _Making(plan, folder, files)
        yield from making.entries()
    yield from making.end()


@dataclass
class _Logs:
    """The heads under which everything of the package is proved, each fixed when it is first asked for."""

    folder: Path
    last: dict[tuple[int, int], int]
    _known: dict[tuple[int, int], Paths | None] = field(default_factory=dict)

    def of(self, lane: int, year: int) -> Paths | None:
        """None for a log that was never published."""
        if (lane, year) not in self._known:
            self._known[lane, year] = self._read(lane, year)
        return self._known[lane, year]

    def _read(self, lane: int, year: int) -> Paths | None:
        folder = seal.folder_of(lane, year)
        try:
            checkpoint, head = shown(folder)
        except NotThere:
            return None
        if under := witnessed.head_behind(folder, lane, year, self.last.get((lane, year), 0)):
            checkpoint, head = under, head_of(under)
        _write(self.folder / f"heads/{lane}-{year}.checkpoint", checkpoint)
        return Paths(folder, head, checkpoint)

    def keep_evidence(self) -> None:
        """What witnesses and authorities signed first of heads behind the last entry of each log."""
        for (lane, year), seq in self.last.items():
            for one in evidence.covering(lane, year, seq):
                _write(self.folder / EVIDENCE / one.path, evidence.read(one.path) or b"")


class _Making:
    def __init__(self, plan: Plan, folder: Path, files: ExitStack) -> None:
        self._plan, self._folder, self._labels = plan, folder, plan.labels
        self._logs = _Logs(folder, last(plan.chosen, plan.until))
        self._root, self._folders = str(folder), set[str]()
        self._done = self._unproved = self._things = 0
        self._states: dict[str, int] = {}
        self._jsonl, self._csv, self._dat, self._xml = (
            files.enter_context(self._opened(path)) for path in (ENTRIES, CSV, DAT, XML)
        )
        self._csv.write(sheets.csv_head().encode())
        self._dat.write(sheets.dat_head().encode())
        self._xml.write(edrm.head(str(plan.about.get("id", ""))).encode())
        self._about = [
            (self._labels.words["asked"], str(plan.about.get("where", ""))),
            (self._labels.words["entries"], str(plan.about.get("entries", ""))),
            (self._labels.words["made"], str(plan.about.get("made", ""))),
        ]

    def entries(self) -> Iterator[int]:
        """One pass over the entries."""
        for part in rows(self._plan.chosen, self._plan.until):
            subjects.load(row.subj for row in part if row.subj)
            for start in range(0, len(part), ENTRIES_PER_STEP):
                self._step(part[start : start + ENTRIES_PER_STEP])
                yield self._done
        self._xml.write(edrm.tail().encode())

    def end(self) -> Iterator[int]:
        """The pages that are still open, the keys, and the list of everything."""
        self._close_pages()
        self._logs.keep_evidence()
        _write(self._folder / TRUST, published.text_of(published.log_trust()))
        words = self._labels.words
        readme = "\n\n".join(words[name] for name in ("title", "check", "what", "time")) + "\n"
        _write(self._folder / README, readme.encode())
        _write(self._folder / STYLE, pages.STYLE.encode())
        if self._plan.examiner:
            _write(self._folder / EXAMINER, self._plan.examiner)
        about = self._plan.about | {
            "entries": self._done, "unproved": self._unproved, "states": self._states, "v": 1,
        }  # fmt: skip
        for number, _ in enumerate(manifest.write(self._folder, about)):
            if number % FILES_PER_STEP == 0:
                yield self._done
        yield self._done

    def _step(self, part: list[Row]) -> None:
        """Some entries; what goes on one page is written at once."""
        fragments: dict[str, list[str]] = {}
        for row in part:
            self._done += 1
            item, missing = self._item(row)
            self._line(item)
            self._sheets(item)
            page = fragments.setdefault(item.page, [])
            if not page and not self._is_there(item.page):
                page.append(pages.page_head(self._labels, item))
                self._index(item)
            page.append(pages.page_entry(self._labels, item, missing))
        for path, said in fragments.items():
            self._append(path, "".join(said))

    def _item(self, row: Row) -> tuple[Item, tuple[str, ...]]:
        words = words_of(row)
        self._states[words.state] = self._states.get(words.state, 0) + 1
        written = words_in(words.said)
        text = text_of(written)
        natives, missing = self._natives(row, words)
        item = Item(
            number=number_of(self._done), row=row, leaf=msgspec.json.decode(row.leaf), words=words,
            author=author_of(words.said), written=written, text=text, natives=natives,
            page=pages.page_path(row.obj),
            text_path=path_of("text", self._done, ".txt") if text else "", proof_path=self._proof(row),
        )  # fmt: skip
        if text:
            self._put(item.text_path, text.encode())
        return item, missing

    def _proof(self, row: Row) -> str:
        """Where its proof lies; empty when no head that was published reaches it."""
        paths = self._logs.of(row.lane, row.year)
        if paths is None or row.seq >= paths.head.size:
            self._unproved += 1
            return ""
        if paths.leaf_hash(row.seq) != leaf_hash(row.leaf):
            raise NotTheRecord(
                Said(
                    "Entry %(number)s is not the one that was published. Check the record.", number=str(row.n)
                )
            )
        path = path_of("proofs", self._done, ".tlog-proof")
        self._put(path, entry_proof_bytes(paths.proof(row.seq)))
        return path

    def _natives(self, row: Row, words: Words) -> tuple[tuple[Native, ...], tuple[str, ...]]:
        """Files of an entry, each written once however often it was shown; and why some are not there."""
        kept, missing = [], []
        for found in self._plan.natives(row, words) if words.said else ():
            if found.content is None or hashlib.sha256(found.content).hexdigest() != found.sha256:
                missing.append(f"{found.name} {found.reason}".strip())
                continue
            suffix = SUFFIXES.get(found.mime, ".bin")
            path = f"natives/{found.sha256[:2]}/{found.sha256}{suffix}"
            if not self._is_there(path):
                self._put(path, found.content)
            kept.append(Native(path, found.name, found.mime, found.sha256, len(found.content)))
        return tuple(kept), tuple(missing)

    def _line(self, item: Item) -> None:
        row, words = item.row, item.words
        self._jsonl.write(
            _encode({
                "number": item.number, "n": str(row.n), "lane": row.lane, "year": row.year, "fact": row.fact,
                "leaf": row.leaf.decode(), "state": words.state, "plaintext": words.plaintext.decode(),
                "key": words.key.hex(), "proof": item.proof_path, "text": item.text_path, "page": item.page,
                "natives": [native._asdict() for native in item.natives],
            }) + b"\n"
        )  # fmt: skip

    def _sheets(self, item: Item) -> None:
        self._csv.write(sheets.csv_of(item).encode())
        self._dat.write(sheets.dat_of(item).encode())
        text = item.text.encode()
        digest = hashlib.sha256(text).hexdigest() if text else ""
        self._xml.write(edrm.document(item, len(text), digest).encode())

    def _index(self, item: Item) -> None:
        """The line of a thing that was not met before, on a new part of the overview after each 500."""
        number, place = divmod(self._things, pages.THINGS_PER_PAGE)
        self._things += 1
        path = pages.index_path(number + 1)
        said = pages.index_line(self._labels, item, "" if number == 0 else "../")
        if place == 0:
            if number:
                before = pages.index_path(number)
                here = path if number == 1 else path.removeprefix("html/")
                self._append(before, pages.index_tail(self._labels, here))
            said = pages.index_head(self._labels, number + 1, self._about) + said
        self._append(path, said)

    def _close_pages(self) -> None:
        if not self._things:
            self._append(pages.index_path(1), pages.index_head(self._labels, 1, self._about))
        last = max(0, self._things - 1) // pages.THINGS_PER_PAGE + 1
        self._append(pages.index_path(last), pages.index_tail(self._labels, ""))
        for path in manifest.paths_in(self._folder / "html") if (self._folder / "html").exists() else ():
            if "/" in path:
                self._append(f"html/{path}", pages.page_tail())

    def _append(self, path: str, said: str) -> None:
        self._add(path, said.encode(), os.O_APPEND)

    def _put(self, path: str, data: bytes) -> None:
        self._add(path, data, os.O_TRUNC)

    def _add(self, path: str, data: bytes, how: int) -> None:
        """Straight to the system: there are several small files for each entry."""
        self._make_folder(path)
        file = os.open(f"{self._root}/{path}", os.O_WRONLY | os.O_CREAT | how, 0o600)
        try:
            for start in range(0, len(data), PART_BYTES):
                if os.write(file, part := data[start : start + PART_BYTES]) != len(part):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)

    def _is_there(self, path: str) -> bool:
        return os.access(f"{self._root}/{path}", os.F_OK)

    def _opened(self, path: str) -> IO[bytes]:
        self._make_folder(path)
        return (self._folder / path).open("wb")

    def _make_folder(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            (self._folder / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folders.add(folder)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def now() -> str:
    """When a package is made, as its manifest says it."""
    return clock.iso(clock.now_ms())
