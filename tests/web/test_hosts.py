from __future__ import annotations

import pytest

from bankside.web.hosts import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://files.example/a.jpg", "files.example"),
        ("http://FILES.example:8080/a", "files.example"),
        ("https://한울.example/카드.png", "xn--3o5bt1y.example"),
        ("https://hanulbank.example@elsewhere.example/a", ""),
        ("javascript:alert(1)", ""),
        ("data:image/png;base64,AA", ""),
        ("https://[broken/a", ""),
        ("//files.example/a", ""),
        ("", ""),
    ],
)
def test_the_real_host_is_said_and_only_web_addresses_are_links(url: str, host: str) -> None:
    assert host_of(url) == host
