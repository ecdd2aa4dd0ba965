"""A disk whose power is cut: what was synced is there, of the rest any part, in any order (fault 5).

`operations` reads what strace wrote of a process: every call that changes a file or a name, every one that
makes such changes durable, and every line that the process said. `Disk` plays them up to a moment, of what
was not durable then only the part that is chosen. A name is durable when its folder was synced after it; the
bytes of a file when the file was. Bytes that were not may be there in part: sectors of 512 bytes.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECTOR_BYTES = 512
CALLS = "openat,write,pwrite64,writev,fsync,fdatasync,ftruncate,rename,unlink,mkdir,link,close"
STRACE = ("-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}")
_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+|\?)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FILE = re.compile(r"^(\d+)<([^>]*)>")


@dataclass
class Operation:
    """`what`: create, write, cut, rename, unlink, mkdir, sync or said. `node`: the file, wherever it lies."""

    what: str
    path: str = ""
    node: int = 0
    to: str = ""
    at: int = 0
    data: bytes = b""

    @property
    def folder(self) -> str:
        """Whose syncing makes this change of names durable; of a new name, where it is."""
        return str(Path(self.to or self.path).parent)


@dataclass
class Reader:
    """Follows the process: which file is which, and where in it the next bytes go."""

    nodes: dict[str, int]
    positions: dict[int, int] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)

    made: int = 0

    def node(self, path: str) -> int:
        """The file that has this name now; a new one gets a number that no other has had."""
        if path not in self.nodes:
            self.made += 1
            self.nodes[path] = self.made
        return self.nodes[path]


def operations(trace: str, root: Path, first: dict[str, bytes]) -> list[Operation]:
    """What the process did below `root`, in order; `first` are the files that were there, by path."""
    reader = Reader({path: number + 1 for number, path in enumerate(sorted(first))})
    reader.made = len(first)
    reader.sizes = {reader.nodes[path]: len(data) for path, data in first.items()}
    found: list[Operation] = []
    for line in trace.splitlines():
        call = _CALL.match(line)
        if call and call[3] != "?" and int(call[3]) >= 0:
            found += _read(reader, call[1], call[2], int(call[3]), str(root), line)
    return found


def _read(reader: Reader, name: str, given: str, result: int, root: str, line: str) -> Iterator[Operation]:
    texts = [_bytes(one) for one in _TEXT.findall(given)]
    file = _FILE.match(given)
    path = _plain(file[2]) if file else ""
    inside = path == root or path.startswith(f"{root}/")
    match name:
        case "openat" if texts[0].decode().startswith(root):
            yield from _opened(reader, texts[0].decode(), line, result)
        case "write" if inside and file:
            yield from _written(reader, path, reader.positions.get(int(file[1]), 0), texts[0][:result])
            reader.positions[int(file[1])] = reader.positions.get(int(file[1]), 0) + result
        case "pwrite64" if inside:
            yield from _written(reader, path, int(given.rsplit(", ", 1)[1]), texts[0][:result])
        case "ftruncate" if inside:
            yield Operation("cut", node=reader.node(path), at=int(given.rsplit(", ", 1)[1]))
        case "fsync" | "fdatasync" if inside:
            yield Operation("sync", path=path, node=reader.nodes.get(path, 0))
        case "rename" if texts[1].decode().startswith(root):
            old, new = texts[0].decode(), texts[1].decode()
            node = reader.nodes[new] = reader.nodes.pop(old)
            yield Operation("rename", path=old, to=new, node=node)
        case "link":
            node = reader.nodes[texts[1].decode()] = reader.nodes[texts[0].decode()]
            yield Operation("create", path=texts[1].decode(), node=node)
        case "unlink" if texts[0].decode().startswith(root):
            reader.nodes.pop(texts[0].decode(), None)
            yield Operation("unlink", path=texts[0].decode())
        case "mkdir" if texts[0].decode().startswith(root):
            yield Operation("mkdir", path=texts[0].decode())
        case "writev" if file and path.startswith("pipe:"):
            yield Operation("said", data=texts[0])


def _opened(reader: Reader, path: str, line: str, result: int) -> Iterator[Operation]:
    known = path in reader.nodes
    if "O_CREAT" in line and not known:
        yield Operation("create", path=path, node=reader.node(path))
    elif "O_TRUNC" in line and known:
        yield Operation("cut", node=reader.node(path))
    ends = known and "O_APPEND" in line
    reader.positions[result] = reader.sizes.get(reader.node(path), 0) if ends else 0


def _written(reader: Reader, path: str, at: int, data: bytes) -> Iterator[Operation]:
    node = reader.node(path)
    reader.sizes[node] = max(reader.sizes.get(node, 0), at + len(data))
    yield Operation("write", node=node, at=at, data=data)


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _plain(path: str) -> str:
    found = re.sub(r"\\x([0-9a-f]{2})", lambda one: chr(int(one[1], 16)), path)
    return found.removesuffix(" (deleted)")


# --- what is there afterwards --------------------------------------------------------------------------
def durable(done: list[Operation]) -> list[bool]:
    """Which of these a power cut after the last of them cannot take away."""
    synced_nodes: set[int] = set()
    synced_folders: set[str] = set()
    found: list[bool] = []
    for one in reversed(done):
        if one.what == "sync":
            synced_nodes.add(one.node)
            synced_folders.add(one.path)
            found.append(True)
        elif one.what in {"write", "cut"}:
            found.append(one.node in synced_nodes)
        else:
            found.append(one.what == "said" or one.folder in synced_folders)
    return found[::-1]


def after_a_cut(
    first: dict[str, bytes], ops: list[Operation], at: int, dice: random.Random, share: float
) -> dict[str, bytes]:
    """The files when the power is cut after the `at`-th operation; of what was not synced about `share`."""
    nodes = {number + 1: bytearray(first[path]) for number, path in enumerate(sorted(first))}
    names = {path: number + 1 for number, path in enumerate(sorted(first))}
    done, lost = ops[:at], set[str]()
    for one, is_durable in zip(done, durable(done), strict=True):
        if is_durable or dice.random() < share:
            whole = is_durable or dice.random() < 0.5
            _apply(one if whole else _torn(one, dice), nodes, names)
        elif one.what == "mkdir":
            lost.add(f"{one.path}/")  # and with a folder whatever was put into it
    there = {path: node for path, node in names.items() if not path.startswith(tuple(lost))}
    return {path: bytes(nodes.get(node, b"")) for path, node in there.items()}


def _torn(one: Operation, dice: random.Random) -> Operation:
    if one.what != "write" or len(one.data) <= SECTOR_BYTES:
        return one
    sectors = dice.randrange(1, -(-len(one.data) // SECTOR_BYTES) + 1)
    return Operation("write", node=one.node, at=one.at, data=one.data[: sectors * SECTOR_BYTES])


def _apply(one: Operation, nodes: dict[int, bytearray], names: dict[str, int]) -> None:
    content = nodes.setdefault(one.node, bytearray())
    match one.what:
        case "create":
            names[one.path] = one.node
        case "write":
            content.extend(bytes(max(0, one.at + len(one.data) - len(content))))
            content[one.at : one.at + len(one.data)] = one.data
        case "cut":
            content[one.at :] = bytes(max(0, one.at - len(content)))
        case "rename":
            names.pop(one.path, None)
            names[one.to] = one.node
        case "unlink":
            names.pop(one.path, None)


def said(ops: list[Operation], at: int) -> list[Any]:
    """What the process had said by then: whoever heard it relies on it."""
    lines = b"".join(one.data for one in ops[:at] if one.what == "said").splitlines()
    return [json.loads(line) for line in lines]
