"""For tests: a provider of keys that can be away, refuse or lie, and a clock of its own for the lease."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bankside.record import kek, providers
from bankside.record.keys import KeyAway, KeyWrong


@dataclass
class StubProvider:
    """Wraps under one key. `trouble`: what it raises instead of answering."""

    key: bytes = b"\x07" * 32
    name: str = "file"
    trouble: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def holder(self) -> str:
        return hashlib.sha256(self.key).hexdigest()[:16]

    def make(self) -> None:
        self.asked.append("make")

    def wrap(self, key: bytes, context: bytes) -> bytes:
        self._ask("wrap")
        return AESGCM(self.key).encrypt(bytes(12), key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        self._ask("unwrap")
        try:
            return AESGCM(self.key).decrypt(bytes(12), wrapped, context)
        except (InvalidTag, ValueError):
            raise KeyWrong("changed") from None

    def renewed(self) -> None:
        return None

    def adopt(self) -> None:
        """Nothing to do."""

    def away(self) -> None:
        self.trouble = KeyAway("the stub is away")

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.trouble:
            raise self.trouble


@dataclass
class Clock:
    """Stands for time.monotonic."""

    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def later(self, minutes: float) -> None:
        self.seconds += minutes * 60


@contextmanager
def provided(provider: StubProvider, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This desk's wrapping keys, wrapped by the stub from here on."""
    from bankside.record.models import WrappedKey, WrappingKey

    known = {n: kek.key_of(n) for n in WrappingKey.objects.values_list("generation", flat=True)}
    monkeypatch.setattr(providers, "named", lambda name="": provider)
    monkeypatch.setattr(kek, "_now", clock)
    WrappedKey.objects.all().delete()
    for generation, key in known.items():
        kek.wrap(generation, key, provider)
    kek.forget()
    provider.asked.clear()
    yield
