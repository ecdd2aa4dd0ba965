# ruff: noqa: E501 - pages are easier to compare when their parts stay on one line
"""Layouts put aside: written before anything was run on them, and not changed to please the recogniser."""

from __future__ import annotations

import json
from html import escape

from tests.networks.corpus import PLANTED, Layout, Made, Maker


def components(m: Maker) -> Made:
    """Custom elements with properties as JSON in an attribute."""
    own = [{"label": n[:2], "href": m.own(n)} for n in m.some(least=3, most=7) if n != "wechat"]
    props = escape(json.dumps({"links": own, "theme": "dark"}), quote=True)
    lone = m.own("telegram")
    return m.done(
        f'{m.head()}<body><site-header></site-header>{m.text()}<site-footer data-props="{props}"></site-footer>'
        f'<share-bar url="https://{m.host}/"></share-bar><social-link to="{escape(lone)}"></social-link>{m.shares()}</body></html>'
    )


def next_data(m: Maker) -> Made:
    """A page made on a server, with its data beside."""
    links = [m.own(n) for n in m.some(least=3, most=8)]
    data = json.dumps(
        {
            "props": {
                "pageProps": {
                    "footer": {"socials": [{"icon": "i", "url": one} for one in links]},
                    "posts": [{"embed": f"https://{m.host}/x"}],
                }
            }
        }
    )
    shown = "".join(f'<a aria-label="s" href="{escape(one)}"></a>' for one in links[: len(links) // 2])
    return m.done(
        f'{m.head()}<body><div id="__next"><main>{m.text()}{m.shares()}</main><div class="Layout_bottom__x1">{shown}</div></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{data}</script></body></html>'
    )


def old_tables(m: Maker) -> Made:
    """Frames of tables, fonts and image maps, in capitals."""
    areas = "".join(
        f'<AREA SHAPE=rect COORDS="0,0,9,9" HREF="{escape(m.own(n))}">'
        for n in m.some(least=2, most=4, of=("facebook", "x_com", "renren", "weibo", "naver_blog", "youku"))
    )
    fonts = "".join(
        f'<FONT SIZE=2><A HREF="{escape(m.own(n))}" TARGET=_new>{m.words[:4]}</A></FONT>'
        for n in m.some(least=1, most=3, of=("youtube", "ushi_cn", "line_me", "kakaotalk"))
    )
    code = {"ko": "cp949", "zh": "gb18030"}.get(m.page.language, "utf-8")
    label = {"cp949": "ks_c_5601-1987", "gb18030": "gb2312"}.get(code, "utf-8")
    return m.done(
        f'<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={label}"></HEAD><BODY><TABLE><TR><TD>{m.words}</TD></TR>'
        f'<TR><TD><IMG USEMAP="#m" SRC="f.gif"><MAP NAME=m>{areas}</MAP>{fonts}</TD></TR></TABLE>{m.shares()}</BODY></HTML>',
        code, "text/html",
    )  # fmt: skip


def press_room(m: Maker) -> Made:
    """Spokespeople with accounts of their own, a quotation, and the institution's accounts at the side."""
    people = "".join(
        f'<div class="person-card"><h3>Spokesperson</h3><a href="{escape(m.other("x_com"))}">X</a>'
        f'<a href="{escape(m.filled(PLANTED["linkedin"]["person"][0], m.fill("linkedin")))}">in</a></div>' for _ in range(2)
    )  # fmt: skip
    own = "".join(f"<dd>{m.anchor(m.own(n))}</dd>" for n in m.some(least=3, most=6))
    quoted = f'<blockquote>As told by <a href="{escape(m.other("facebook"))}">a reader</a></blockquote>'
    return m.done(
        f"{m.head()}<body><h1>Press</h1>{people}{m.text()}{quoted}{m.embedded('x_com')}<aside><dl><dt>Follow {m.page.name}</dt>{own}</dl></aside>{m.shares()}</body></html>"
    )


def all_channels(m: Maker) -> Made:
    """A page of channels alone, in the middle of the page, without a footer."""
    own = "".join(
        f'<section><h2>{n[:3]}</h2><a class="btn" href="{escape(m.tracked(m.own(n)))}">{m.words[:7]}</a></section>'
        for n in m.some(least=6, most=12)
    )
    return m.done(f"{m.head()}<body><main><h1>Our channels</h1>{own}</main>{m.shares()}</body></html>")


def microdata(m: Maker) -> Made:
    """Properties on elements (microdata), links that are not shown, and a feed."""
    own = "".join(
        f'<link itemprop="sameAs" href="{escape(m.own(n))}">'
        for n in m.some(least=2, most=4, of=("facebook", "linkedin", "x_com", "weibo"))
    )
    seen = "".join(
        f'<a itemprop="sameAs" href="{escape(m.own(n))}">s</a>'
        for n in m.some(least=2, most=4, of=("instagram", "youtube", "threads_net", "bluesky", "xiaohongshu"))
    )
    m.page.own.add(("web_feeds", f"{m.stem}.example/nieuws/atom.xml"))
    feed = '<link rel="alternate feed" type="application/atom+xml; charset=utf-8" href="/nieuws/atom.xml?utm_source=x">'
    return m.done(
        f'{m.head(feed)}<body itemscope itemtype="https://schema.org/BankOrCreditUnion">{own}{m.text()}{seen}{m.shares()}</body></html>'
    )


def wechat_words(m: Maker) -> Made:
    """Names in words, beside links, in Chinese and Korean."""
    fill = m.fill("wechat")
    m.page.own.add(("wechat", fill["h"]))
    said = m.filled(m.chance.choice(PLANTED["wechat"]["held_text"]), fill)
    own = "".join(
        f"<li>{m.anchor(m.own(n))}</li>"
        for n in m.some(
            least=2, most=5, of=("weibo", "xiaohongshu", "youku", "kakaotalk", "line_me", "naver_blog")
        )
    )
    return m.done(
        f'{m.head()}<body>{m.text()}<ul class="bottom-links">{own}<li>{said}</li></ul>{m.noise(3)}{m.shares()}</body></html>'
    )


HELD_OUT: dict[str, Layout] = {
    f.__name__: f
    for f in (components, next_data, old_tables, press_room, all_channels, microdata, wechat_words)
}
