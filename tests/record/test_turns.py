"""Who wants to write on SQLite gets between the transactions of somebody who writes all the time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import founded

BESIDE = """
import sqlite3, sys, threading, time
import django
django.setup()
from django.conf import settings
from django.db import OperationalError, connection, transaction

ended, begun = threading.Event(), threading.Event()

def write_all_the_time(held, free):
    other = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None, timeout=30)
    while not ended.is_set():
        other.execute("begin immediate")
        begun.set()
        time.sleep(held)
        other.execute("commit")
        time.sleep(free)

def waited():
    started = time.perf_counter()
    with transaction.atomic():
        pass
    return time.perf_counter() - started

busy = threading.Thread(target=write_all_the_time, args=(0.03, 0.003))
busy.start()
seconds = sorted(waited() for _ in range(25) if not time.sleep(0.01))
ended.set()
busy.join()
print(seconds[len(seconds) // 2])

settings.LOCK_WAIT_SECONDS_MAX = 0.2
ended.clear()
begun.clear()
other = threading.Thread(target=write_all_the_time, args=(3, 0))
other.start()
begun.wait()
try:
    waited()
except OperationalError as error:
    print(error)
ended.set()
other.join()
print(connection.errors_occurred, connection.is_usable())
"""


def test_somebody_else_gets_in_between_and_gives_up_in_the_end(tmp_path: Path) -> None:
    env = {**os.environ, "BANKSIDE_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    env.pop("BANKSIDE_DATABASE_URL", None)
    founded.lay(env)
    done = subprocess.run(
        [sys.executable, "-c", BESIDE], env=env, capture_output=True, text=True, timeout=100, check=True
    )
    middle, told, usable = done.stdout.splitlines()
    assert float(middle) < 0.2  # by SQLite's own waiting half of them wait for a second or more
    assert told == "database is locked"
    assert usable == "True False"  # it is closed, and opened again when it is next asked for
