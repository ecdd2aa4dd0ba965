"""What the pages of a package say, in the language that its maker chose."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from bankside.people.staff import named
from bankside.record.package.labels import Labels
from bankside.web import sentences

_ = gettext_lazy
WORDS: Final = {
    "title": _("Entries of the record"),
    "made": _("Made"),
    "asked": _("What was asked for"),
    "entries": _("Entries"),
    "groups": _("Conversations, posts and other things"),
    "more": _("More of the list"),
    "overview": _("Overview"),
    "details": _("Details"),
    "proof": _("Proof of this entry"),
    "no proof": _("Not published yet when this was made: there is no proof of this entry."),
    "file": _("File"),
    "missing": _("A file that belongs here could not be read"),
    "readable": _("Readable"),
    "held": _("Under legal hold"),
    "erased": _("The words were erased. The proof of the entry still holds."),
    "restricted": _("The words are restricted and are given to nobody."),
    "damaged": _("The words are not those that the record holds a commitment to."),
    "wordless": _("This entry has no words."),
    "time": _("Times are in UTC."),
    "check": _(
        "To check this folder: `bankside verify FOLDER`, which needs no network and no database; or open"
        " verify.html in a browser."
    ),
    "what": _(
        "entries.jsonl holds every entry with its leaf, its words and the key of its commitment."
        " entries.csv is the same as a table. load/ has load files for review platforms (Concordance DAT,"
        " EDRM XML 1.2), text/ the words, natives/ files as they were shown or sent, proofs/ one proof for"
        " each entry, heads/ the signed heads of the logs, evidence/ what witnesses and time-stamp"
        " authorities signed of heads behind the last entries, and trust the keys that sign the heads:"
        " compare these with the keys that you were given another way. manifest.json names every file"
        " with its SHA-256; manifest.leaf is the entry of the record that names the manifest, and"
        " manifest.tlog-proof its proof."
    ),
}
"""Under the names of `record.package.labels.ENGLISH`, for the catalogues."""


def labels(language: str) -> Labels:
    """Everything that a package says by itself in this language: en, ko, zh-hans or nl."""
    with translation.override(language):
        facts = {name: str(words) for name, words in sentences.FACTS.items()}
        operator, desk = gettext("Operator"), gettext("Bankside")
        words = {name: str(said) for name, said in WORDS.items()}

    @lru_cache(maxsize=1_000)
    def person(actor: str) -> str:
        """A name for those who work here; the desk itself for what it did by itself."""
        if not actor.startswith("u:"):
            return operator if actor in {"s:operator", "s:setup"} else desk
        found = named([actor.removeprefix("u:")])
        return next((one.name for one in found.values()), actor)

    return Labels(language=language, words=words, facts=facts, person=person)
