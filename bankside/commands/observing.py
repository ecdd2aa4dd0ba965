"""Studies from observation: which networks institutions use, from captured or politely fetched pages."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bankside.commands.declared import AS_JSON, Commands, add, flag, say

if TYPE_CHECKING:
    from bankside.measures.observation.addresses import Addresses
    from bankside.measures.observation.finding import Seen
    from bankside.measures.observation.institution import Account, Institution

CORES = os.cpu_count() or 1


def declare(study: Commands) -> None:
    """study observe, in the group of `study`."""
    add(
        study,
        "observe",
        observe,
        flag("institutions", metavar="INSTITUTIONS.csv", type=Path, help="institution, sector, address"),
        flag("--pages", metavar="PATH", type=Path, help="captured pages: a folder of HTML, a WARC or a WACZ"),
        flag("--fetch", action="store_true", help="fetch at most six pages of each, as robots.txt allows"),
        flag("--check", action="store_true", help="ask the networks whether the accounts are there"),
        flag("--posts", action="store_true", help="count their public posts where anybody may read them"),
        flag("--out", metavar="FOLDER", type=Path, required=True, help="where the study is written"),
        flag("--title", default="Networks that institutions use", help="of the study"),
        flag(
            "--processes",
            type=int,
            default=CORES,
            metavar="N",
            help="for captured pages; all cores unless given",
        ),
        AS_JSON,
    )


def observe(parsed: argparse.Namespace) -> None:
    """Writes a study of which networks institutions use, as their own pages show it.

    FOLDER then holds study.toml and responses.csv, for `study report`, and evidence.jsonl with every trace of
    every account: the page, its digest, the element, the byte. What is fetched is kept in FOLDER/fetched, and
    as a WARC file there, which --pages reads.
    Of public posts only figures are kept, and nothing of those who wrote to an institution.
    """
    from bankside.channels.places import known_places
    from bankside.commands import CommandRefused
    from bankside.measures.observation import study
    from bankside.measures.observation.addresses import Addresses
    from bankside.measures.observation.institutions import listed, sorted_out
    from bankside.measures.study.sheet import table_of

    if not (parsed.pages or parsed.fetch):
        raise CommandRefused("say where pages come from: --pages PATH, --fetch, or both")
    rows = listed(table_of(parsed.institutions.read_bytes(), parsed.institutions.name))
    places = known_places()
    table = Addresses(places)
    pages = _captured(parsed) if parsed.pages else []
    pages += _fetched(parsed, rows, table) if parsed.fetch else []
    whose, nobodys = sorted_out((who for who, _ in rows), pages)
    seen = [_observed(parsed, who, whose[who.name], table) for who, _ in rows]
    seen, evidence = _with_posts(parsed, seen) if parsed.posts else (seen, [])
    posts_on = {name for one in seen for name in one.posts or ()}
    told = study.definition(
        places, title=parsed.title, year=str(datetime.now(UTC).year), with_posts=parsed.posts,
        posts_on=posts_on,
    )  # fmt: skip
    study.write(seen, told, parsed.out, evidence)
    made = {
        "folder": str(parsed.out), "institutions": len(rows), "pages": len(pages), "pages_of_nobody": nobodys,
        "accounts": sum(account.own for one in seen for account in one.accounts),
        "not_seen": [one.who.name for one in seen if not one.pages],
        **({"posts_read_on": sorted(posts_on)} if parsed.posts else {}),
    }  # fmt: skip
    say(parsed, made, lambda one: f"{one['folder']}: {one['pages']} pages, {one['accounts']} accounts")


def _captured(parsed: argparse.Namespace) -> list[Seen]:
    from bankside.measures.observation.corpora import observe_folder

    return observe_folder(parsed.pages, processes=max(1, parsed.processes))


def _fetched(
    parsed: argparse.Namespace, rows: Iterable[tuple[Institution, tuple[str, ...]]], table: Addresses
) -> list[Seen]:
    from bankside.channels import observed as outside
    from bankside.measures.observation import capture
    from bankside.measures.observation.leads import leads
    from bankside.measures.observation.page import observed

    folder = parsed.out / "fetched"
    found: list[Seen] = []
    came: list[tuple[outside.Kept, bytes]] = []
    collector, began = outside.Collector(folder), datetime.now(UTC)
    for who, addresses in rows:
        hosts = {host for one in addresses for host in outside.hosts_of(one)}
        visit = collector.visit(addresses[0], lambda _, body: leads(body), hosts)
        for kept, body in visit.pages:
            found.append(
                observed(body, table, address=kept.url, content_type=kept.content_type, at_ms=kept.at_ms)
            )
        came += visit.pages
        for kept in visit.refused:
            if not parsed.json:
                print(f"{who.name}: {kept.url}: {kept.why or kept.status}")
    capture.write(folder / f"{began:%Y%m%dT%H%M%SZ}.warc.gz", came, agent=outside.agent())
    return found


def _observed(parsed: argparse.Namespace, who: Institution, pages: list[Seen], table: Addresses) -> Any:
    from bankside.measures.observation.institution import accounts
    from bankside.measures.observation.study import Observed

    found = accounts(who, pages, table)
    if parsed.check:
        found = accounts(who, pages, table, _answers(found))
    return Observed(who=who, pages=len(pages), accounts=found)


def _with_posts(parsed: argparse.Namespace, seen: list[Any]) -> tuple[list[Any], list[str]]:
    """(the same with figures of their public posts, lines of evidence)."""
    from dataclasses import replace

    from bankside.channels.public_posts import Reader
    from bankside.measures import study_posts

    reader, done, evidence = Reader(), [], []
    for one in seen:
        accounts = [msgspec.to_builtins(account) for account in one.accounts if account.own]
        figures, told = study_posts.read(study_posts.of_accounts(accounts), reader)
        done.append(replace(one, posts=figures if one.pages else None))
        evidence += study_posts.lines(one.who.name, told)
        for account in told if not parsed.json else ():
            if account.why:
                print(f"{one.who.name}: {account.network} {account.handle}: {account.why}")
    return done, evidence


def _answers(found: tuple[Account, ...]) -> dict[str, int]:
    from bankside.channels.observed import status_of

    asked = {one.address for one in found if one.own and one.address and "closed" not in one.flags}
    return {address: status_of(address) for address in sorted(asked)}
