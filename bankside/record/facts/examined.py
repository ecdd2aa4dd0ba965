"""Facts about packages: entries that left the desk with their words, for an examiner.

All have the leaf type `export`. The entry's obj is the package's.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("record.package-ordered", leaf="export")
@dataclass(frozen=True, slots=True, kw_only=True)
class PackageOrdered:
    """Somebody ordered a package, before any of it was made: `where` is the expression, `reason` as typed.

    It will hold `entries` entries, none beyond the arrival number `until`.
    """

    package: str
    where: str
    reason: str
    entries: int
    until: int
    language: str


@fact("record.package-made", leaf="export")
@dataclass(frozen=True, slots=True, kw_only=True)
class PackageMade:
    """A package is whole. `manifest` is the SHA-256 of its list of files, which the leaf's `att` names too.

    That leaf, proved under a signed head, is what signs the package. `size` is in bytes.
    """

    package: str
    manifest: str
    entries: int
    files: int
    size: int


@fact("record.package-stopped", leaf="export")
@dataclass(frozen=True, slots=True, kw_only=True)
class PackageStopped:
    """A package was not made to its end, or was deleted; `reason` says why. Nobody can take it any more."""

    package: str
    reason: str


@fact("record.package-taken", leaf="export")
@dataclass(frozen=True, slots=True, kw_only=True)
class PackageTaken:
    """Somebody takes a package away, with the reason that she typed; written before the first byte."""

    package: str
    reason: str
