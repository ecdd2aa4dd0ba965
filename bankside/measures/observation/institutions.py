"""The list of institutions that are to be looked at, and which pages are whose. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from bankside.measures.observation.addresses import host_of
from bankside.measures.observation.finding import Seen
from bankside.measures.observation.institution import Institution
from bankside.said import Said

INSTITUTIONS_MAX: Final = 100_000
ADDRESSES_MAX: Final = 20
NAME_CHARACTERS_MAX: Final = 200
COLUMNS: Final = ("institution", "sector", "address")


class NotAList(ValueError):
    """The list cannot be used; the message names the row."""


def listed(table: Sequence[Sequence[str]]) -> list[tuple[Institution, tuple[str, ...]]]:
    """(institution, its addresses) of a table with the headings institution, sector and address.

    Several addresses are separated by |; the first is the home page. Raises NotAList.
    """
    if not table or not {"institution", "address"} <= {cell.strip().lower() for cell in table[0]}:
        raise NotAList(Said("The first row must name the columns institution, sector and address."))
    names = [cell.strip().lower() for cell in table[0]]
    found, seen = [], set[str]()
    for number, cells in enumerate(table[1 : INSTITUTIONS_MAX + 1], 2):
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        if not any(row.values()):
            continue
        name = row.get("institution", "")[:NAME_CHARACTERS_MAX]
        addresses = tuple(_whole(one) for one in row.get("address", "").split("|") if one.strip())[
            :ADDRESSES_MAX
        ]
        hosts = tuple(dict.fromkeys(host_of(one) for one in addresses))
        if not name or name in seen or not hosts or not all("." in h or h == "localhost" for h in hosts):
            raise NotAList(
                Said("Row %(row)s: a name of its own and a whole address are needed.", row=str(number))
            )
        seen.add(name)
        found.append((Institution(name=name, sector=row.get("sector", ""), hosts=hosts), addresses))
    return found


def sorted_out(everybody: Iterable[Institution], pages: Iterable[Seen]) -> tuple[dict[str, list[Seen]], int]:
    """(pages by institution, how many are nobody's). A page is whose host it stands at."""
    by_host = {host.removeprefix("www."): who for who in everybody for host in who.hosts}
    found: dict[str, list[Seen]] = {who.name: [] for who in by_host.values()}
    nobodys = 0
    for page in pages:
        who = _owner(host_of(page.address).removeprefix("www."), by_host)
        if who is None:
            nobodys += 1
        else:
            found[who.name].append(page)
    return found, nobodys


def _owner(host: str, by_host: dict[str, Institution]) -> Institution | None:
    """The longest name wins, so that a host of a daughter's under the mother's is the daughter's."""
    while host:
        if host in by_host:
            return by_host[host]
        host = host.partition(".")[2]
    return None


def _whole(address: str) -> str:
    address = address.strip()
    return address if "//" in address[:9] else f"https://{address}"
