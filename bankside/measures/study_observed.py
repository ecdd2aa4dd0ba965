"""Studies from observation: what the observer found, brought into the desk as a study like the others.

The observer writes a folder: study.toml, responses.csv and evidence.jsonl, a line for every finding. It comes
as one archive; its evidence is kept line by line with the institution that it is about.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction

from bankside.measures import studies, study_imports
from bankside.measures.models import Evidence, Respondent, Study
from bankside.measures.study.answers import same
from bankside.measures.study.trouble import Trouble
from bankside.measures.study_imports import FileWrong
from bankside.people import policy
from bankside.people.models import Staff
from bankside.said import Said

ARCHIVE_BYTES_MAX: Final = 25_000_000
FILES_MAX: Final = 50
UNPACKED_BYTES_MAX: Final = 100_000_000
LINES_MAX: Final = 50_000
LINE_CHARACTERS_MAX: Final = 200_000
LINES_SHOWN_MAX: Final = 200
DEFINITION, RESPONSES, EVIDENCE = "study.toml", "responses.csv", "evidence.jsonl"


def take(staff: Staff, body: bytes) -> Study:
    """A closed study of what an archive holds, or nothing. Raises FileWrong, StudyWrong, NotYours."""
    policy.require(staff, "studies.manage")
    files = _files(body)
    with transaction.atomic():
        return keep(
            staff, files[DEFINITION].decode("utf-8", "replace"), files[RESPONSES], files.get(EVIDENCE, b"")
        )


def keep(staff: Staff, text: str, responses: bytes, evidence: bytes) -> Study:
    """The same of its three files."""
    with transaction.atomic():
        study = studies.create(staff, text, source=Study.OBSERVATION)
        study.anonymous = False  # what everybody can see was promised to nobody
        study.save(update_fields=["anonymous"])
        studies.open_study(staff, study.obj)
        study_imports.take(staff, study.obj, responses, RESPONSES)
        _keep_evidence(study, evidence)
        return studies.close(staff, study.obj)


def as_responses(rows: list[list[str]]) -> bytes:
    """responses.csv of rows, the first of which has the headings."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def evidence_of(row: Respondent) -> list[dict[str, Any]]:
    """What was seen of an institution, line by line, at most LINES_SHOWN_MAX."""
    kept = Evidence.objects.filter(respondent=row).order_by("pk")[:LINES_SHOWN_MAX]
    return [json.loads(one.line) for one in kept]


def _files(body: bytes) -> dict[str, bytes]:
    if len(body) > ARCHIVE_BYTES_MAX:
        raise _wrong(Said("The archive is larger than %(mb)s MB.", mb=str(ARCHIVE_BYTES_MAX // 1_000_000)))
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if len(parts) > FILES_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
                raise _wrong(Said("The archive is too large when it is unpacked."))
            found = {
                name: archive.read(part)
                for part in parts
                if (name := part.filename.rpartition("/")[2]) in {DEFINITION, RESPONSES, EVIDENCE}
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise _wrong(Said("This is no archive that can be read. Pack the folder as ZIP.")) from None
    for name in (DEFINITION, RESPONSES):
        if name not in found:
            raise _wrong(Said("The archive has no %(name)s.", name=name))
    return found


def _keep_evidence(study: Study, evidence: bytes) -> None:
    """A line that is no JSON, or about nobody in the study, is passed over: it proves nothing."""
    rows = {same(row.institution): row for row in Respondent.objects.filter(study=study)}
    kept = [
        Evidence(respondent=rows[name], line=json.dumps(line, ensure_ascii=False))
        for line in _lines(evidence)
        if (name := same(str(line.get("institution", "")))) in rows
    ]
    Evidence.objects.bulk_create(kept, batch_size=1_000)


def _lines(evidence: bytes) -> Iterator[dict[str, Any]]:
    for line in evidence.decode("utf-8", "replace").splitlines()[:LINES_MAX]:
        if not line.strip() or len(line) > LINE_CHARACTERS_MAX:
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict):
            yield said


def _wrong(message: Said) -> FileWrong:
    return FileWrong((Trouble(file="observation.zip", message=message),))
