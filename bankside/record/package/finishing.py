"""The end of a package: the record vouches for its manifest, and the folder takes its place at once.

Until the last step nothing lies where somebody would look for it; a process that is killed leaves a scratch
folder that the next one throws away. All files are on the disk before the name is.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from django.db import transaction

from bankside.record import seal
from bankside.record.append import Entry, append
from bankside.record.durable import sync_folder
from bankside.record.facts.examined import PackageMade
from bankside.record.log.proofs import entry_proof_bytes
from bankside.record.log.proving import NotThere, prove_entry
from bankside.record.package import manifest
from bankside.said import Said

SCRATCH: Final = ".new-"


class NotSignedYet(RuntimeError):
    """The entry that vouches for the package is not under a published head yet: try again."""


def scratch_of(target: Path) -> Path:
    """A new, empty folder beside the place where the package will lie; what an earlier one left is gone."""
    folder = target.with_name(f"{SCRATCH}{target.name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def vouch(scratch: Path, obj: str, actor: str) -> PackageMade:
    """Has the record name the manifest and writes that entry with its proof; the same again is once.

    Raises NotSignedYet while no signed head reaches it.
    """
    reading = manifest.Reading(scratch / manifest.NAME)
    files = size = 0
    for listed in reading.files():
        files, size = files + 1, size + listed.size
    made = PackageMade(
        package=obj, manifest=reading.sha256, entries=int(reading.about["entries"]), files=files, size=size
    )
    with transaction.atomic():
        entry = append(
            made, f"record.package-made:{obj}:{made.manifest}", actor=actor, obj=obj, att=(made.manifest,)
        )
    seal.seal_all()
    (scratch / manifest.PROOF).write_bytes(_proof(entry))
    (scratch / manifest.LEAF).write_bytes(entry.leaf)
    return made


def place(scratch: Path, target: Path) -> None:
    """Gives the whole folder its name. One sync of the system, not one for each of a million files."""
    os.sync()
    scratch.replace(target)
    sync_folder(target.parent)


def _proof(entry: Entry) -> bytes:
    try:
        proof = prove_entry(seal.folder_of(entry.lane, entry.year), entry.seq)
    except NotThere:
        raise NotSignedYet(
            Said("The logs are not published up to here: the signer may be away. It is tried again.")
        ) from None
    return entry_proof_bytes(proof)
