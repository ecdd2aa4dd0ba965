"""Whether the files of pictures and films are there, and are those that the record and the rows name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec
from django.db.models import QuerySet

from bankside.channels import pictures, sealed_file
from bankside.channels.models import Media
from bankside.record.log.verify import Report
from bankside.record.models import Entry, Payload, Subject


def check_media(report: Report) -> None:
    """Names each file that is missing or was changed, for `verify`; what was erased need not be there.

    No key is needed: a file is ciphertext, and its name is its SHA-256.
    """
    for n, file in _of_customers():
        if (what := sealed_file.trouble(file)) and _readable().filter(n=n).exists():  # not erased meanwhile
            report.add(_place(file), f"{what}; it is the picture that entry {n} names")
    for obj, file in Media.objects.order_by("id").values_list("obj", "file").iterator():
        if (what := sealed_file.trouble(file)) and Media.objects.filter(obj=obj).exists():
            report.add(_place(file), f"{what}; it is picture or film {obj}")


def _of_customers() -> Iterator[tuple[int, str]]:
    decoded = partial(msgspec.json.decode, type=dict)
    for n, leaf in _readable().order_by("n").values_list("n", "leaf").iterator():
        yield from ((n, file) for file in decoded(bytes(leaf)).get("att", ()))


def _readable() -> QuerySet[Entry]:
    """Pictures of customers whose words and subject are still there, and with them the key of the file."""
    return Entry.objects.filter(
        fact=pictures.KEPT, n__in=Payload.objects.values("n"), subj__in=Subject.objects.values("subj")
    )


def _place(file: str) -> str:
    return f"media/{file[:2]}/{file}"
