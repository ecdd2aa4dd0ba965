"""The rows behind the figures as files, in one ZIP."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from bankside.measures import figures, history
from bankside.measures.history import Kind
from bankside.people.models import Staff
from bankside.web.measured.choice import Choice


def zipped(staff: Staff, chosen: Choice, kind: Kind) -> bytes:
    """One file for each table; `kind` is csv or parquet."""
    out = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="bankside-measures-") as folder:
        found = figures.of(staff, chosen.period, chosen.filters)
        made = history.write(found, Path(folder), kind)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(made):
                archive.write(file, str(file.relative_to(folder)))
    return out.getvalue()
