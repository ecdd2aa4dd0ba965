"""The logs as files: publishing, heads, proofs for others, and checking those without this desk.

With a folder, `log prove`, `log consistency` and `verify` need neither Django nor a database, and `log check`
never does, so that an auditor can use them with what she was given.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankside.commands import REFUSED, CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say
from bankside.commands.evidence import FLAGS as EVIDENCE_FLAGS
from bankside.commands.evidence import evidence
from bankside.commands.showing import FLAGS as SHOWING_FLAGS
from bankside.commands.showing import show

if TYPE_CHECKING:
    from bankside.record.log.proofs import Shown
    from bankside.record.log.tiles import Folder
    from bankside.record.log.trust import Trust

FILE_BYTES_MAX = 1_048_576
TRUSTED = (
    flag("--trust", default="", metavar="FILE", help="a trust file: logs, witnesses and how many must sign"),
    flag("--key", action="append", default=[], metavar="VKEY", help="the key of a log; may be given often"),
)
WHERE = (
    flag("--folder", default="", metavar="FOLDER", help="a published log; else those of this desk"),
    flag("--lane", type=int, default=0, help="of this desk: the lane (0)"),
    flag("--year", default="", metavar="YEAR", help="of this desk: the year, or 2026-1 (its newest)"),
)
TWO = (
    flag("--by", required=True, metavar="EMAIL", help="one of the two people whom this takes"),
    flag("--and", required=True, dest="second", metavar="EMAIL", help="the other one"),
)
OUT = flag("--out", default="", metavar="FILE", help="write the proof there and not to standard output")


def declare(commands: Commands) -> None:
    """verify; log publish, checkpoint, cosign, evidence, keys, rotate, recover, show, prove and others."""
    log = group(commands, "log", "The logs as tiles and heads, for auditors.")
    add(log, "publish", publish, AS_JSON)
    add(log, "checkpoint", checkpoint, AS_JSON)
    add(log, "cosign", cosign, AS_JSON)
    add(log, "evidence", evidence, *EVIDENCE_FLAGS, AS_JSON)
    add(log, "keys", keys, flag("--years", type=int, default=1, help="how many years ahead (1)"), AS_JSON)
    end = flag("--end", action="store_true", help="take the old key away")
    lost = flag("--lost", action="store_true", help="the key is gone for good")
    add(log, "rotate", rotate, end, lost, *TWO, AS_JSON)
    without = flag("--without-lost", action="store_true", help="go on without the entries that are lost")
    why = flag("--reason", required=True, metavar="TEXT", help="what was found; it goes into the record")
    add(log, "recover", recover, *TWO, why, without, AS_JSON)
    entry = flag("entry", metavar="ENTRY", help="its number or id in the record; with --folder its index")
    add(log, "show", show, *SHOWING_FLAGS, AS_JSON)
    leaf = flag("--leaf", default="", metavar="FILE", help="also write the entry itself there")
    add(log, "prove", prove, entry, leaf, OUT, *WHERE, AS_JSON)
    sizes = (flag("old", type=int, metavar="OLD"), flag("new", type=int, nargs="?", metavar="NEW"))
    add(log, "consistency", consistency, *sizes, OUT, *WHERE, AS_JSON)
    proof = flag("proof", metavar="FILE", help="a .tlog-proof, a proof of growth, or a checkpoint")
    entry_file = flag("--leaf", default="", metavar="FILE", help="the entry that a .tlog-proof is of")
    kept = flag("--old", default="", metavar="FILE", help="the checkpoint that you kept, from which it grew")
    add(log, "check", check, proof, entry_file, kept, *TRUSTED, AS_JSON)
    path = flag("path", nargs="?", default="", metavar="PATH", help="a folder of tiles; needs no database")
    add(commands, "verify", verify, path, *TRUSTED, AS_JSON)


def publish(parsed: argparse.Namespace) -> None:
    """Writes every log out as tiles, bundles and signed heads, as far as the record goes.

    A log that the signer refused is tried again; if it still refuses, the reason is said, with exit 1.
    """
    ready()
    from bankside.record import gauges, seal

    made = {"published": seal.seal_all(again=True)}
    if reasons := gauges.refusals():
        raise CommandRefused("\n".join(reasons))
    say(parsed, made, lambda made: f"{made['published']} heads published")


def checkpoint(parsed: argparse.Namespace) -> None:
    """The last published head of every log."""
    ready()
    from bankside.record import reading

    heads = [asdict(head) for head in reading.checkpoint()]
    say(parsed, heads, lambda head: f"{head['origin']} {head['size']} {head['root']}")


def cosign(parsed: argparse.Namespace) -> int:
    """Asks the witnesses for their signatures under the newest heads, and tells what each has signed.

    The worker does so every 5 minutes. Exit 1 when a witness has not done what it was asked.
    """
    ready()
    from bankside.record import cosigning

    told = cosigning.cosign_all()
    say(parsed, [asdict(one) for one in told], cosigning.line)
    return REFUSED if any(one.trouble for one in told) else 0


def keys(parsed: argparse.Namespace) -> None:
    """The public keys of all logs, and of those of the years to come, as a trust file for auditors."""
    ready()
    from bankside.record import published

    trust = published.log_trust(years_ahead=parsed.years)
    told = [{"origin": key.name, "vkey": key.vkey} for key in trust.logs]
    say(parsed, told if parsed.json else published.text_of(trust).decode().rstrip("\n"))


def rotate(parsed: argparse.Namespace) -> None:
    """Changes the key that signs the heads: begins, so that both sign; with --end the old one is taken away.

    Between the two, publish, and give auditors the new keys (`log keys`). With --lost a key is made in the
    place of one that is gone for good. Each step takes two people who may change the key.
    """
    ready()
    from bankside.people import pairs, staff
    from bankside.record import rotation, seal

    if parsed.end and parsed.lost:
        raise CommandRefused("give --end or --lost, not both")
    first, second = staff.by_email(parsed.by), staff.by_email(parsed.second)
    pairs.require_two(first, second, "log-key.change")
    step = rotation.end if parsed.end else rotation.lost if parsed.lost else rotation.begin
    step(first.actor, second.actor)
    done = "ended" if parsed.end else "made anew" if parsed.lost else "begun"
    say(parsed, {"rotation": done, "published": seal.seal_all()}, lambda told: f"rotation {told['rotation']}")


def recover(parsed: argparse.Namespace) -> None:
    """Ends recovery mode in the name of two people: everything is tried again, and the desk goes on.

    If entries that were signed are not here, it says so and changes nothing; with --without-lost each log
    concerned is left as it was published, and another one opens whose first entry names what was signed last.
    """
    ready()
    from bankside.people import recovering, staff

    first, second = staff.by_email(parsed.by), staff.by_email(parsed.second)
    left = recovering.leave(first, second, parsed.reason, without=parsed.without_lost)
    lines = [f"another log: {origin}" for origin in left.opened] or ["nothing was lost"]
    say(parsed, {"opened": list(left.opened)}, lambda _: "\n".join(["The desk goes on.", *lines]))


def prove(parsed: argparse.Namespace) -> None:
    """The proof that an entry is in its log, as a .tlog-proof file that anybody can check without this desk.

    ENTRY is the number or the id of an entry of this desk's record, or with --folder its index in that log.
    """
    from bankside.record.log.proofs import entry_proof_bytes, head_of
    from bankside.record.log.proving import leaf_at, prove_entry

    folder, index, under = _entry(parsed)
    proof, leaf = prove_entry(folder, index, under), leaf_at(folder, index)
    head = head_of(proof.checkpoint)
    if parsed.leaf:
        Path(parsed.leaf).write_bytes(leaf)
    told = {"origin": head.origin, "index": index, "size": head.size, "leaf": leaf.decode()}
    _give(parsed, entry_proof_bytes(proof), told)


def consistency(parsed: argparse.Namespace) -> None:
    """The proof that a log of NEW entries only adds to the same log of OLD entries.

    Without NEW, up to the head that is published now. The file has the form in which a witness is asked.
    """
    from bankside.record.log.proofs import growth_bytes, head_of
    from bankside.record.log.proving import prove_growth

    growth = prove_growth(_log(parsed), parsed.old, parsed.new)
    head = head_of(growth.checkpoint)
    _give(parsed, growth_bytes(growth), {"origin": head.origin, "old": growth.old, "new": head.size})


def check(parsed: argparse.Namespace) -> None:
    """Checks a proof or a checkpoint with nothing but the keys that you trust; exit 1 if it does not hold."""
    from bankside.record.log import proofs

    data, trust = _read(parsed.proof), _trust(parsed)
    if trust is None:
        raise CommandRefused("say whom you trust: --trust FILE, or --key VKEY of the log")
    if data.startswith(b"c2sp.org/tlog-proof@"):
        leaf = _read(_wanted(parsed.leaf, "--leaf, the entry that this proof is of"))
        what, shown = (
            "the entry is in the log",
            proofs.check_entry(proofs.parse_entry_proof(data), leaf, trust),
        )
    elif data.startswith(b"old "):
        kept = _read(_wanted(parsed.old, "--old, the checkpoint that you kept"))
        old = proofs.check_head(kept, trust).head
        what, shown = "the log only grew", proofs.check_growth(proofs.parse_growth(data), old, trust)
    else:
        what, shown = "the head is signed", proofs.check_head(data, trust)
    say(parsed, _told_of(what, shown), lambda told: f"{told['what']}: {told['origin']} {told['size']}")


def verify(parsed: argparse.Namespace) -> int:
    """Checks the whole record and names every place that is wrong; exit 1 when there is one.

    Without a path: rows, leaves, payloads and tiles of this desk. With a path: that folder of tiles, or that
    package, alone, with the keys that you trust; without any, with those that lie in it, which show damage
    and no more.
    """
    if parsed.path:
        from bankside.record.log import verify as checking
        from bankside.record.package import checking as packages

        folder, trust = Path(parsed.path), _trust(parsed)
        check = packages.check_package if packages.is_package(folder) else checking.verify_folder
        report = check(folder, trust)
    else:
        ready()
        from bankside.record import audit

        report = audit.audit()
        audit.tell(report, "s:operator")
    say(parsed, asdict(report), lambda _: "\n".join(_found(report)))
    return REFUSED if report.problems else 0


# --- what is asked for -----------------------------------------------------------------------------------
def _entry(parsed: argparse.Namespace) -> tuple[Folder, int, bytes | None]:
    """The log of an entry, its index there, and the head that witnesses signed behind it, if there is one."""
    if parsed.folder:
        if not parsed.entry.isdecimal():
            raise CommandRefused("with --folder an entry is named by its index: 0, 1, 2")
        return _log(parsed), int(parsed.entry), None
    ready()
    from bankside.record import reading, seal, witnessed

    found = reading.place_of(parsed.entry)
    folder = seal.folder_of(found.lane, found.year)
    return folder, found.seq, witnessed.head_behind(folder, found.lane, found.year, found.seq)


def _log(parsed: argparse.Namespace) -> Folder:
    """The folder of the log that is meant."""
    from bankside.record.log.tiles import Folder

    if parsed.folder:
        return Folder(Path(parsed.folder), Path(parsed.folder))
    ready()
    from bankside.record import seal, shards

    years = [one.year for one in shards.logs() if one.lane == parsed.lane]
    if not years:
        raise CommandRefused(f"lane {parsed.lane} has no log yet")
    return seal.folder_of(parsed.lane, shards.number_of(parsed.year) if parsed.year else max(years))


def _trust(parsed: argparse.Namespace) -> Trust | None:
    from bankside.record.log.trust import parse_trust, trust_in

    if parsed.trust and parsed.key:
        raise CommandRefused("give --trust or --key, not both")
    if parsed.key:
        return trust_in(*parsed.key)
    return parse_trust(_read(parsed.trust)) if parsed.trust else None


def _wanted(name: str, what: str) -> str:
    if not name:
        raise CommandRefused(f"give {what}")
    return name


def _read(name: str) -> bytes:
    with Path(name).open("rb") as file:
        data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise CommandRefused(f"{name} has more than {FILE_BYTES_MAX} bytes")
    return data


# --- what is said ----------------------------------------------------------------------------------------
def _give(parsed: argparse.Namespace, proof: bytes, told: dict[str, Any]) -> None:
    """The proof to its file or to standard output; as JSON beside what it is of."""
    if parsed.out:
        Path(parsed.out).write_bytes(proof)
    if parsed.json:
        say(parsed, told | {"proof": proof.decode()})
    elif not parsed.out:
        sys.stdout.write(proof.decode())


def _told_of(what: str, shown: Shown) -> dict[str, Any]:
    signed = [{"name": one.key.name, "key": one.key.id.hex(), "time": one.time} for one in shown.signed]
    return {
        "what": what, "origin": shown.head.origin, "size": shown.head.size, "root": shown.head.root.hex(),
        "signed": signed,
    }  # fmt: skip


def _found(report: Any) -> list[str]:
    lines = [f"{problem.place}: {problem.what}" for problem in report.problems]
    lines += [f"{known.place}: lost, as the record says: {known.what}" for known in report.lost]
    lines.append(f"{report.entries} entries, {len(report.problems)} problems")
    if report.believed == "none":
        lines.append("No key was given: who signed the heads was not looked at.")
    elif report.believed != "given":
        lines.append(f"The keys came from {report.believed}: compare them with those that you were given.")
    return lines
