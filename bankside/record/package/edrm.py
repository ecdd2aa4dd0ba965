"""EDRM XML 1.2 of a package, document by document, so that its size does not matter. Pure.

The form: EDRM XML Interchange Format, XSD version 1.2 of 31 October 2010 (root, fields, one batch of
documents with tags and files, relationships). Hashes are SHA-256, which the format calls by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bankside.record.package.item import Item
from bankside.record.shards import name_of

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL: Final = re.compile('[\x00-\x1f&<>"\ud800-\udfff\ufffe\uffff]')
_NAMED: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_FIELDS: Final = (
    ("#Title", "Text"), ("#Author", "Text"), ("#DateCreated", "DateTime"), ("#DateSent", "DateTime"),
    ("Type", "Text"), ("Fact", "Text"), ("Actor", "Text"), ("Group", "Text"), ("Subject", "Text"),
    ("Channel", "Text"), ("State", "Text"), ("Retention", "Text"), ("Log", "Text"), ("Index", "LongInteger"),
    ("EntryId", "Text"), ("Proof", "Text"), ("Page", "Text"),
)  # fmt: skip


def head(batch: str) -> str:
    """All before the first document."""
    fields = "".join(
        f'<Field Name={_quoted(name)} DataType="{kind}" Key={_quoted(name)}/>\n' for name, kind in _FIELDS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Root MajorVersion="1" MinorVersion="2" Description="Entries of a record" Locale="US"'
        ' DataInterchangeType="Update">\n'
        f"<Fields>\n{fields}</Fields>\n<Batch name={_quoted(batch)}>\n<Documents>\n"
    )


def document(item: Item, text_bytes: int, text_sha256: str) -> str:
    """One entry: its tags, its text and its own files. Text of 0 bytes is no file."""
    tags = "".join(
        f"<Tag TagName={_quoted(name)} TagDataType={_quoted(kind)} TagValue={_quoted(value)}/>\n"
        for (name, kind), value in zip(_FIELDS, _values(item), strict=True)
        if value
    )
    files = [_file("Native", one.path, one.size, one.sha256) for one in item.natives]
    if text_bytes:
        files.append(_file("Text", item.text_path, text_bytes, text_sha256))
    held = f"<Files>\n{''.join(files)}</Files>\n" if files else ""
    mime = item.natives[0].mime if item.natives else "text/plain"
    return (
        f'<Document DocID={_quoted(item.document)} DocType="{_doc_type(item)}" MimeType={_quoted(mime)}>\n'
        f"{held}<Locations>\n<Location>\n<Custodian>{item.row.actor}</Custodian>\n<LocationURI>"
        f"{item.page}</LocationURI>\n</Location>\n</Locations>\n<Tags>\n{tags}</Tags>\n</Document>\n"
    )


def tail() -> str:
    """All after the last document. An entry's files stand in its own document, so nothing is related."""
    return "</Documents>\n<Relationships/>\n</Batch>\n</Root>\n"


def _values(item: Item) -> Iterator[str]:
    row, leaf = item.row, item.leaf
    author = " ".join(part for part in (item.author.name, item.author.handle) if part)
    yield from (item.title, author, item.at, str(leaf.get("src_t", "")), str(leaf["type"]), row.fact)
    yield from (row.actor, row.obj, row.subj, item.channel, item.words.state, str(leaf["ret"]))
    yield from (f"{row.lane}/{name_of(row.year)}", str(row.seq), row.id, item.proof_path, item.page)


def _doc_type(item: Item) -> str:
    return "Message" if item.row.fact.startswith(("channels.activity", "channels.post", "inbox.")) else "File"


def _file(kind: str, path: str, size: int, sha256: str) -> str:
    folder, _, name = path.rpartition("/")
    return (
        f'<File FileType="{kind}">\n<ExternalFile FilePath={_quoted(folder)} FileName={_quoted(name)}'
        f' FileSize="{size}" Hash="{sha256}" HashType="SHA-256"/>\n</File>\n'
    )


def _quoted(text: str) -> str:
    """An attribute's value; what XML has no character for becomes U+FFFD, line ends and tabs stay."""
    if _SPECIAL.search(text):
        text = _NOT_XML.sub("\ufffd", text).translate(_NAMED)
    return f'"{text}"'
