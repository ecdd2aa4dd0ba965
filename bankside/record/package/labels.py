"""What the pages of a package say by themselves, in the language that its maker chose.

English here; whoever makes a package for people gives the same names in their language (`web/packaged`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "title": "Entries of the record",
    "made": "Made",
    "asked": "What was asked for",
    "entries": "Entries",
    "groups": "Conversations, posts and other things",
    "more": "More of the list",
    "overview": "Overview",
    "details": "Details",
    "proof": "Proof of this entry",
    "no proof": "Not published yet when this was made: there is no proof of this entry.",
    "file": "File",
    "missing": "A file that belongs here could not be read",
    "readable": "Readable",
    "held": "Under legal hold",
    "erased": "The words were erased. The proof of the entry still holds.",
    "restricted": "The words are restricted and are given to nobody.",
    "damaged": "The words are not those that the record holds a commitment to.",
    "wordless": "This entry has no words.",
    "time": "Times are in UTC.",
    "check": "To check this folder: `bankside verify FOLDER`, which needs no network and no database; or open"
    " verify.html in a browser.",
    "what": "entries.jsonl holds every entry with its leaf, its words and the key of its commitment."
    " entries.csv is the same as a table. load/ has load files for review platforms (Concordance DAT,"
    " EDRM XML 1.2), text/ the words, natives/ files as they were shown or sent, proofs/ one proof for"
    " each entry, heads/ the signed heads of the logs, evidence/ what witnesses and time-stamp"
    " authorities signed of heads behind the last entries, and trust the keys that sign the heads:"
    " compare these with the keys that you were given another way. manifest.json names every file"
    " with its SHA-256; manifest.leaf is the entry of the record that names the manifest, and"
    " manifest.tlog-proof its proof.",
}


@dataclass(frozen=True)
class Labels:
    """Words, sentences of facts, and names of actors. What is not given stays as it is."""

    language: str = "en"
    words: Mapping[str, str] = field(default_factory=lambda: ENGLISH)
    facts: Mapping[str, str] = field(default_factory=dict)
    person: Callable[[str], str] = str

    def fact(self, name: str) -> str:
        """What happened, in a few words."""
        return self.facts.get(name, name)
