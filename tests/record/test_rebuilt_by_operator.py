"""Whoever has the database, the files and the key makes another history of it (fault 9, T2): everything
agrees afterwards, and still whoever kept an earlier head sees it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bankside.record import audit, clock, published, seal
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.proofs import check_growth, check_head
from bankside.record.log.proving import prove_growth
from bankside.record.log.verify import verify_folder
from bankside.record.models import Checkpoint, Entry
from tests.record.tally import say
from tests.record.tampered import let_rows_change

pytestmark = pytest.mark.django_db


def test_a_log_that_was_made_anew_does_not_go_on_from_a_head_that_somebody_kept(
    settings: Any, tmp_path: Path
) -> None:
    settings.LOG_FOLDER = tmp_path / "log"
    with clock.frozen(clock.from_iso("2026-11-29T00:00:00Z")):
        say("a", "b", "c")
        seal.seal_all()
        trust = published.log_trust()
        kept = check_head(Checkpoint.objects.get().note.encode(), trust).head
        say("d")
        seal.seal_all()
        folder = seal.folder_of(0, 2026)
        assert check_growth(prove_growth(folder, kept.size, None), kept, trust).head.size == 4

        let_rows_change()
        row = Entry.objects.get(seq=1)
        leaf = bytes(row.leaf).replace(b'"actor":"s:test"', b'"actor":"s:else"')
        Entry.objects.filter(n=row.n).update(leaf=leaf, hash=leaf_hash(leaf), actor="s:else")
        shutil.rmtree(settings.LOG_FOLDER)
        Checkpoint.objects.update(size=0, root="", note="")
        seal.seal_all()

        assert audit.audit().problems == [] and verify_folder(settings.LOG_FOLDER, trust).problems == []
        assert Checkpoint.objects.get().size == 4, "the desk itself sees nothing"
        with pytest.raises(ValueError, match="begin"):
            check_growth(prove_growth(folder, kept.size, None), kept, trust)
