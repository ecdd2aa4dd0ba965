"""The fields and types of a leaf in words that anybody understands. What they mean: docs/learn/examine.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELDS: Final[Mapping[str, str | Promise]] = {
    "actor": _("Who did it"),
    "att": _("Fingerprints of its files"),
    "basis": _("Basis of the erasure"),
    "by": _("Two people who agreed"),
    "cm": _("Commitment to the words"),
    "count": _("Entries that it covers"),
    "ct": _("Fingerprint of the encrypted words"),
    "id": _("This entry"),
    "log": _("Log before"),
    "obj": _("What it is about"),
    "pol": _("Rules in force"),
    "prev": _("Version before"),
    "red": _("Removed before keeping"),
    "ret": _("Class of retention"),
    "root": _("Root of the log before"),
    "seq": _("Number in its log"),
    "size": _("Entries of the log before"),
    "src_t": _("Time of the network"),
    "subj": _("Person, by a random name"),
    "t": _("Time of the desk"),
    "type": _("Kind"),
    "v": _("Version of the format"),
}

TYPES: Final[Mapping[str, str | Promise]] = {
    "post.in": _("Came in from a network"),
    "post.out": _("Went out"),
    "edit": _("Changed"),
    "delete": _("Gone from a network"),
    "approve": _("Approved"),
    "reject": _("Sent back or refused"),
    "read": _("Read or searched"),
    "export": _("Taken away"),
    "erase": _("Erased"),
    "hold": _("Held"),
    "release": _("Released"),
    "restrict": _("Restricted"),
    "verify": _("Checked"),
    "config": _("Set up"),
    "login": _("Signed in"),
    "role": _("Roles"),
    "gap": _("Gaps"),
    "recon": _("Read again and compared"),
    "key": _("Keys"),
    "shard": _("A new log"),
}

STATES: Final[Mapping[str, str | Promise]] = {
    "readable": _("Words can be read"),
    "held": _("Under legal hold"),
    "restricted": _("Restricted"),
    "erased": _("Words were erased"),
}


def of_field(name: str) -> str | Promise:
    """How a field is called; its own name when it has no words."""
    return FIELDS.get(name, name)
