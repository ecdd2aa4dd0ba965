# ruff: noqa: E501 - pages are easier to compare when their parts stay on one line
"""A second set of layouts put aside, written after the first was seen and before this one was run."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

from tests.networks.corpus import PLANTED, Layout, Made, Maker


def block_theme(m: Maker) -> Made:
    """The lists of social links of a well-known theme, and a strip of somebody's pictures."""
    own = "".join(
        f'<li class="wp-block-social-link item"><a href="{escape(m.own(n))}" class="wp-block-social-link-anchor">'
        '<svg width="24"><path d="M1 1"/></svg><span class="label screen-reader-text">s</span></a></li>'
        for n in m.some(least=3, most=8)
    )
    return m.done(
        f'{m.head()}<body class="home page"><div class="wp-site-blocks"><main>{m.text()}'
        f'<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">{m.embedded("x_com")}</div></figure></main>'
        f'<footer><ul class="wp-block-social-links is-style-default">{own}</ul></footer></div>{m.shares()}</body></html>'
    )


def select_menu(m: Maker) -> Made:
    """Accounts in a list to choose from, as Korean sites have them, and buttons that open windows."""
    options = "".join(
        f'<option value="{escape(m.own(n))}">{m.words[:5]}</option>'
        for n in m.some(least=2, most=4, of=("naver_blog", "facebook", "youtube", "kakaotalk", "instagram"))
    )
    buttons = "".join(
        f"<button type=button onclick='openSns(\"{m.own(n)}\")'>SNS</button>"
        for n in m.some(least=1, most=3, of=("x_com", "linkedin", "threads_net", "line_me"))
    )
    return m.done(
        f'<html lang=ko><head><meta charset="EUC-KR"><title>{m.page.name}</title></head><body>{m.text()}'
        f"<select onchange=\"if(this.value)window.open(this.value)\"><option value=''>SNS</option>{options}</select>{buttons}{m.shares()}</body></html>",
        "cp949", "text/html",
    )  # fmt: skip


def fast_page(m: Maker) -> Made:
    """A page for phones with its own elements for sharing."""
    own = "".join(
        f'<a class="amp-s" href="{escape(m.own(n))}"><amp-img src="/x.png"></amp-img></a>'
        for n in m.some(least=3)
    )
    return m.done(
        f'<!doctype html><html amp><head><meta charset="utf-8"></head><body><header>{m.words}</header>'
        f'<amp-social-share type="twitter" data-param-url="https://{m.host}/"></amp-social-share>'
        f'<amp-social-share type="facebook" data-param-app_id="11"></amp-social-share>{m.text()}<footer>{own}</footer></body></html>'
    )


def one_string(m: Maker) -> Made:
    """Linked data as a list at the top, one address as a string, and a comma too many."""
    chosen = m.some(least=3, most=6, of=tuple(n for n in PLANTED if n not in {"wechat", "web_feeds"}))
    first, *rest = (m.own(n) for n in chosen)
    parts = [{"@context": "https://schema.org", "@type": "Organization", "sameAs": first},
             {"@type": ["Corporation", "Organization"], "contactPoint": {"@type": "ContactPoint"}, "sameAs": rest}]  # fmt: skip
    said = (
        json.dumps(parts).replace("]}]", "],}]") if m.chance.random() < 0.5 else json.dumps(parts, indent=1)
    )
    return m.done(
        f'{m.head()}<body>{m.text()}{m.shares()}<script type="application/ld+json">\n{said}\n</script></body></html>'
    )


def plugin_box(m: Maker) -> Made:
    """Plug-ins of networks: a page in a frame, a button to follow, a button to add."""
    page = m.own("facebook")
    frame = f'<iframe src="https://www.facebook.com/plugins/page.php?href={quote(page, safe="")}&tabs=timeline&width=340"></iframe>'
    fill = m.fill("weibo")
    m.page.own.add(("weibo", fill["n"]))
    line = m.fill("line_me")
    m.page.own.add(("line_me", f"@{line['h']}"))
    tube = m.fill("youtube")
    m.page.own.add(("youtube", f"channel/UC{tube['u']}"))
    boxes = (
        f'<wb:follow-button uid="{fill["n"]}" type="red_1" width="67"></wb:follow-button>'
        f'<div class="line-it-button" data-lang="ko" data-type="friend" data-lineid="@{line["h"]}"></div>'
        f'<div class="g-ytsubscribe" data-channelid="UC{tube["u"]}" data-layout="default"></div>'
        '<div class="line-it-button" data-lang="ko" data-type="share-a" data-url="https://www.hanul.example/"></div>'
    )
    return m.done(f"{m.head()}<body>{m.text()}{frame}{boxes}{m.shares()}</body></html>")


def vector_links(m: Maker) -> Made:
    """Links within drawings, on templates of a script, and in capitals."""
    drawn = "".join(
        f'<svg viewBox="0 0 9 9"><a xlink:href="{escape(m.own(n))}"><circle r="4"/></a></svg>'
        for n in m.some(least=1, most=3, of=("linkedin", "instagram", "telegram"))
    )
    bound = "".join(
        f"<v-btn :href=\"'{escape(m.own(n))}'\">s</v-btn>"
        for n in m.some(least=1, most=2, of=("youtube", "bluesky"))
    )
    loud = "".join(
        f'<a href="{escape(m.own(n).replace("https://", "HTTPS://").replace("http://", "HTTP://"))}">s</a>'
        for n in m.some(least=1, most=3, of=("facebook", "weibo", "xiaohongshu"))
    )
    return m.done(
        f'{m.head()}<body>{m.text()}<div class="c-a9">{drawn}{bound}{loud}</div>{m.shares()}</body></html>'
    )


def story(m: Maker) -> Made:
    """A story about somebody else, with names of classes that say nothing, by a writer who signs."""
    signed = {"ko": "박민지 기자", "zh": "记者：李晓", "nl": "Door Piet Klaver", "en": "By Jane Doe"}[
        m.page.language
    ]
    subject = f'<p>{m.words} <a href="{escape(m.other("instagram"))}">{m.words[:6]}</a> {m.words}</p>'
    own = "".join(
        m.anchor(m.own(n))
        for n in ("facebook", "instagram", *m.some(least=1, most=3, of=("x_com", "youtube", "weibo")))
    )
    return m.done(
        f'{m.head()}<body><article><p>{signed} <a href="{escape(m.other("x_com"))}">@</a></p>{subject}{m.embedded("instagram")}</article>'
        f'<div class="x1"><footer>{own}</footer></div>{m.shares()}</body></html>'
    )


def wide(m: Maker) -> Made:
    """UTF-16 with its mark."""
    own = "".join(m.anchor(m.own(n)) for n in m.some(least=3, most=6))
    return m.done(
        f"{m.head()}<body>{m.text()}{m.shares()}<nav>{own}</nav></body></html>", "utf-16", "text/html"
    )


SECOND: dict[str, Layout] = {
    f.__name__: f
    for f in (block_theme, select_menu, fast_page, one_string, plugin_box, vector_links, story, wide)
}
