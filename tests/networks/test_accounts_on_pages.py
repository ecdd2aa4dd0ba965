"""How accounts are written on pages in odd ways, and what only looks like one."""

from __future__ import annotations

import pytest

from bankside.channels.places import known_places
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.page import observed

TABLE = Addresses(known_places())


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="  https://www.facebook.com/hanulbank ">', {"facebook"}),
        ('<a href="&#104;ttps:&#47;&#47;www.facebook.com/hanulbank">', {"facebook"}),
        ('<a href="WWW.FACEBOOK.COM/hanulbank">', {"facebook"}),
        ('<a href="/go?url=https%3a%2f%2ffacebook.com%2fhanulbank">', {"facebook"}),
        ("<a href=\"JavaScript:open('https:\\/\\/www.facebook.com\\/hanulbank')\">", {"facebook"}),
        ('<svg><a xlink:href="https://www.facebook.com/hanulbank">x</a></svg>', {"facebook"}),
        ('<WB:Follow-Button uid="2991975565"></WB:Follow-Button>', {"weibo"}),
        ('<div uid="2991975565"></div><a href="/news/1.html">', set()),
        ('<img src="/QR.png" alt="WeChat">', {"wechat"}), ('<img title="微信二维码" src="x">', {"wechat"}),
        ("<dt>LINE</dt><style>.a{}</style><dd>ID: @hanul</dd>", {"line_me"}),
        ("<p>youtube.com/@hanulbank</p><script>// facebook.com/hanulbank</script>", {"youtube"}),
        ('<script>var a={"screen_name":"hanul_bank","name":"x"}</script>', {"x_com"}),
        ("<script>var a={screenName : 'hanul_bank', twitterHandle: 'hanul_b'}</script>", {"x_com"}),
        ('<p data-a="https:\\/\\/www.facebook.com\\/hanulbank"></p>', {"facebook"}),
    ],
)  # fmt: skip
def test_what_is_picked_out_of_a_page(html: str, found: set[str]) -> None:
    seen = observed(f"<body>{html}".encode(), TABLE, address="https://www.hanul.example/")
    assert {one.network for one in seen.findings} == found
