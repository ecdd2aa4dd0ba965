"""The test vectors of the record sheet, 2.16: a log of two leaves, its keys, and the proof of the second."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bankside.record.log.leaf import leaf_bytes
from bankside.record.log.note import COSIGNS, SIGNS, public_key
from tests.record.log.test_leaf import FIRST, SECOND

LEAVES = [leaf_bytes(FIRST), leaf_bytes(SECOND)]
ORIGIN, WITNESS = "record.bank.example/desk-1/2026", "witness.example/w1"
TIME = 1790000001
LOG_PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"bankside test log key").digest())
WITNESS_PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"bankside test witness key").digest())
LOG_KEY = public_key(ORIGIN, SIGNS, LOG_PRIVATE)
WITNESS_KEY = public_key(WITNESS, COSIGNS, WITNESS_PRIVATE)
HEAD = f"{ORIGIN}\n2\n1Oej5d4kX7ehZ7+fQNSqC+2BdQeQXAV4wxPHytP2l38=\n"
LOG_LINE = (
    f"— {ORIGIN} ikdn4mxnKjQloWwOcszL3pBmjeAcQyzASJWwVFmSCY2sJ4tK2NPPlGwpHxa1zxDhefDn9P8Gt1zq0F4V9q2"
    "MwLNprwE=\n"
)
WITNESS_LINE = (
    f"— {WITNESS} s+hbvwAAAABqsTuB+wt6KgF/HRmQEa38P8YAaNZErx02psoHxIwTCXIPHgVoIugypxkPJ49iUUKTAJtYCgt"
    "/N0uaEaNZEJtMQhNTAw==\n"
)
NOTE = f"{HEAD}\n{LOG_LINE}{WITNESS_LINE}"
PROOF = f"c2sp.org/tlog-proof@v1\nindex 1\nq/PgzdiarMaTtyBiQbific2d5ZYtyLpo/HtZuFs16Zs=\n\n{NOTE}"
TRUST = f"log {LOG_KEY.vkey}\nwitness w1 {WITNESS_KEY.vkey}\nquorum w1\n"
