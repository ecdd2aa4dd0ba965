"""The proof of one entry of this desk's record, with everything that whoever checks it needs beside it.

It is made from the published files and compared with the row before it is given: a proof that does not hold
is never handed out.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record import published, seal, witnessed
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import ProofWrong, verify_inclusion
from bankside.record.log.note import SIGNS, Key, NoteWrong, Signed, check, parse_note
from bankside.record.log.proofs import EntryProof, entry_proof_bytes, head_of
from bankside.record.log.proving import NotThere, leaf_at, prove_entry
from bankside.record.log.tiles import BundleWrong, Head, HeadWrong
from bankside.record.reading import Listed, NoSuchEntry
from bankside.said import Said


class NotPublishedYet(NoSuchEntry):
    """The entry is in the record, and no published head reaches it yet."""


class NoProof(NoSuchEntry):
    """The published files give no proof of the entry that is in the record: they are damaged."""


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry's leaf and its proof under the published head, which has been checked.

    `signed`: whose signatures under the head hold; `unknown`: names of others, whose keys the desk lacks.
    """

    leaf: bytes
    proof: EntryProof
    head: Head
    signed: tuple[Signed, ...]
    unknown: tuple[str, ...]

    @property
    def file(self) -> bytes:
        """The `.tlog-proof` file."""
        return entry_proof_bytes(self.proof)


def proved(listed: Listed) -> Proved:
    """The proof of an entry; raises NotPublishedYet, or NoProof when its files are damaged."""
    try:
        folder = seal.folder_of(listed.lane, listed.year)
        under = witnessed.head_behind(folder, listed.lane, listed.year, listed.seq)
        proof, leaf = prove_entry(folder, listed.seq, under), leaf_at(folder, listed.seq)
        return _checked(listed, proof, leaf)
    except NotThere:
        raise _not_yet(listed) from None
    except (BundleWrong, HeadWrong, NoteWrong, ProofWrong, LookupError, IndexError) as wrong:
        raise _damaged(listed) from wrong


def trust_file() -> bytes:
    """The public keys that signed the heads, as a trust file; the same as `bankside log keys` gives."""
    return published.text_of(published.log_trust(years_ahead=1))


def is_of_log(key: Key) -> bool:
    """Whether it is the key of a log, and not of a witness."""
    return key.kind == SIGNS


def _checked(listed: Listed, proof: EntryProof, leaf: bytes) -> Proved:
    head = head_of(proof.checkpoint)
    if leaf != listed.leaf.encode():
        raise ProofWrong("the published entry is not the one in the record")
    verify_inclusion(leaf_hash(leaf), proof.index, head.size, proof.path, head.root)
    if b"\n\n" not in proof.checkpoint:
        return Proved(leaf, proof, head, (), ())
    note = parse_note(proof.checkpoint)
    signed = tuple(check(note, published.log_trust().keys_for(head.origin)))
    known = {(one.key.name, one.key.id) for one in signed}
    unknown = tuple(one.name for one in note.signatures if (one.name, one.id) not in known)
    return Proved(leaf, proof, head, signed, unknown)


def _not_yet(listed: Listed) -> NotPublishedYet:
    return NotPublishedYet(
        Said(
            "Entry %(number)s is in the record, and no published head reaches it yet. Heads are published"
            " every second while the worker runs: ask again in a moment. If it stays so, an operator sees"
            " why with `bankside log publish`.",
            number=str(listed.n),
        )
    )


def _damaged(listed: Listed) -> NoProof:
    return NoProof(
        Said(
            "The published files of this log give no proof of entry %(number)s: they are damaged. An"
            " operator finds the place with `bankside verify`.",
            number=str(listed.n),
        )
    )
