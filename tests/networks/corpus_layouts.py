# ruff: noqa: E501 - pages are easier to compare when their parts stay on one line
"""The layouts of the invented pages that were seen while the observer was written."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

from tests.networks.corpus import PLANTED, Layout, Made, Maker


def footer_icons(m: Maker) -> Made:
    own = "".join(f"<li>{m.anchor(m.own(n))}</li>" for n in m.some())
    return m.done(
        f"{m.head()}<body><header><nav>{m.noise(2)}</nav></header><main>{m.text()}{m.shares()}</main>"
        f'<footer><ul class="social">{own}</ul>{m.noise(3)}</footer></body></html>'
    )


def json_ld(m: Maker) -> Made:
    own = [m.own(n) for n in m.some(least=4) if n not in {"wechat"}]
    graph = {"@context": "https://schema.org", "@graph": [
        {"@type": "WebSite", "publisher": {"@type": "BankOrCreditUnion", "name": m.page.name, "sameAs": own}},
        {"@type": "NewsArticle", "author": {"@type": "Person", "name": "Minji", "sameAs": m.other("x_com")}},
    ]}  # fmt: skip
    said = json.dumps(graph, ensure_ascii=False)
    said = said.replace("/", "\\/") if m.chance.random() < 0.5 else said
    return m.done(
        f'{m.head(f"""<script type="application/ld+json">{said}</script>""")}<body>{m.text(3)}{m.shares()}{m.noise()}</body></html>'
    )


def js_config(m: Maker) -> Made:
    own = {f"k{i}": m.own(n) for i, n in enumerate(m.some(least=4))}
    state = json.dumps(
        {
            "site": {
                "name": m.page.name,
                "social": own,
                "list": [{"type": "sns", "share": "https://www.hanul.example/"}],
            }
        }
    )
    state = state.replace("/", "\\/") if m.chance.random() < 0.7 else state.replace("/", "\\u002F")
    quick = ""
    for name in m.chance.sample([n for n, k in PLANTED.items() if "js" in k], 2):
        fill, kinds = m.fill(name), PLANTED[name]
        quick += f"<script>var c_{name[:2]} = {m.filled(kinds['js'], fill)};</script>"
        m.page.own.add((name, m.filled(kinds.get("js_means", "{h}"), fill)))
    return m.done(
        f'{m.head()}<body><div id="app"></div><script>window.__STATE__={state};(function(){{var a="//cdn.example/x.js";}})();</script>{quick}{m.shares()}</body></html>'
    )


def korean(m: Maker) -> Made:
    rows = ""
    for n in m.some(
        least=3, of=("naver_blog", "kakaotalk", "facebook", "instagram", "youtube", "x_com", "line_me")
    ):
        address = m.own(n)
        if m.chance.random() < 0.4 and "'" not in address:
            rows += f"<td><a href=\"#none\" onclick=\"window.open('{escape(address)}','sns');return false;\"><img src='/img/s.gif' alt='공식 채널'></a></td>"
        else:
            rows += f"<td>{m.anchor(address)}</td>"
    body = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr"><title>{m.page.name} 은행</title></head>'
        f'<body><div id="gnb">{m.noise(2)}</div>{m.text(2)}{m.shares()}<table id="foot_sns"><tr>{rows}</tr></table>'
        f'<div class="family_site"><a href="{escape(m.other("facebook"))}">관계사</a></div></body></html>'
    )
    return m.done(
        body, "cp949", m.chance.choice(("text/html", "text/html; charset=euc-kr", "text/html;charset=EUC-KR"))
    )


def chinese(m: Maker) -> Made:
    own = "".join(
        m.anchor(m.own(n))
        for n in m.some(
            least=2, most=5, of=("weibo", "youku", "xiaohongshu", "renren", "ushi_cn", "linkedin")
        )
    )
    fill = m.fill("wechat")
    said = m.chance.choice(PLANTED["wechat"]["held_text"] if m.held else PLANTED["wechat"]["text"])
    m.page.own.add(("wechat", fill["h"]))
    code = '<img src="/images/wechat-qrcode.png" alt="微信公众号二维码">'
    body = (
        f'<html><head><meta http-equiv=content-type content="text/html; charset={m.chance.choice(("gb2312", "gbk", "GB18030"))}"></head>'
        f'<body><div class="top">{m.noise(2)}</div>{m.text(2)}{m.shares()}<div class="footer">{own}<p>{m.filled(said, fill)}</p>{code}'
        f'<p>技术支持：<a href="{escape(m.other("weibo"))}">朵网络</a></p></div></body></html>'
    )
    return m.done(body, "gb18030", "text/html")


def dutch(m: Maker) -> Made:
    own = m.some(
        least=4,
        of=("linkedin", "facebook", "x_com", "instagram", "youtube", "mastodon", "bluesky", "threads_net"),
    )
    links = "".join(f"<li>Volg ons: {m.anchor(m.own(n), 'hier')}</li>" for n in own)
    return m.done(
        f'{m.head()}<body><div id="cookiebanner" role="dialog"><p>Wij gebruiken cookies. {m.noise(5)}</p><button>Akkoord</button></div>'
        f'<main><h1>Contact</h1>{m.text()}<ul class="volg">{links}</ul>{m.shares()}</main>'
        f'<footer><p>Realisatie: <a href="{escape(m.other("linkedin"))}">Studio</a></p></footer></body></html>'
    )


def article(m: Maker) -> Made:
    embeds = "".join(
        m.embedded(n) for n in m.chance.sample([n for n, k in PLANTED.items() if "embed" in k], 3)
    )
    writer = f'<div class="byline">{"기자 " if m.page.language == "ko" else "By "}<a href="{escape(m.other("x_com"))}">Writer</a> <a href="{escape(m.filled(PLANTED["linkedin"]["person"][0], m.fill("linkedin")))}">in</a></div>'
    comment = f'<section id="comments"><div class="comment">See <a href="{escape(m.other("instagram"))}">mine</a></div></section>'
    own = "".join(m.anchor(m.own(n)) for n in m.some(least=3, most=6))
    return m.done(
        f"{m.head()}<body><article><h1>News</h1>{writer}{m.text()}{embeds}{m.shares()}</article>{comment}<footer>{own}</footer></body></html>"
    )


def minified(m: Maker) -> Made:
    own = "".join(
        f"<a href={m.own(n).replace('&', '&amp;')}>s</a>"
        for n in m.some(
            least=3,
            of=("facebook", "x_com", "linkedin", "telegram", "bluesky", "instagram", "youtube", "weibo"),
        )
    )
    inside = m.own("threads_net")
    return m.done(
        f'<!doctype html><meta charset=utf-8><title>{m.page.name}</title><noscript><img src="https://www.facebook.com/tr?id=1122&ev=PageView&noscript=1"></noscript>'
        f"<div class=nav>{m.noise(2)}</div>{m.text(1)}<div class=foot>{own}<noscript><a href={inside}>n</a></noscript></div><!-- <a href=https://www.facebook.com/old.page.2009>x</a> -->{m.shares()}"
    )


def leaving(m: Maker) -> Made:
    own = ""
    for n in m.some(
        least=3, of=("facebook", "x_com", "linkedin", "instagram", "youtube", "naver_blog", "weibo")
    ):
        own += f'<li><a href="/leave?url={quote(m.own(n), safe="")}">{m.words[:5]}</a></li>'
    return m.done(
        f'{m.head()}<body>{m.text()}{m.shares()}<div id="footer"><ul>{own}</ul></div></body></html>'
    )


def feeds(m: Maker) -> Made:
    form = m.chance.choice(
        (
            ("/feed/", "/comments/feed/", "/category/news/feed/"),
            ("/rss.xml", "/rss-comments.xml", "/news/rss.xml"),
        )
    )
    m.page.own.add(("web_feeds", f"{m.stem}.example{form[0].rstrip('/')}"))
    kind = m.chance.choice(("application/rss+xml", "application/atom+xml"))
    links = f'<link rel="alternate" type="{kind}" title="{m.page.name}" href="https://{m.host}{form[0]}"><link rel="alternate" type="{kind}" title="Comments" href="{form[1]}"><link rel=alternate type="{kind}" href="{form[2]}"><link rel="alternate" hreflang="ko" href="/ko/">'
    if "/feed/" in form and m.chance.random() < 0.8:
        m.page.own.add(("wordpress", f"{m.stem}.example"))
        links += f'<meta name="generator" content="{PLANTED["wordpress"]["generator"]}"><link rel="https://api.w.org/" href="/wp-json/">'
    own = "".join(m.anchor(m.own(n)) for n in m.some(least=2, most=4) if n != "wordpress")
    return m.done(f"{m.head(links)}<body>{m.text()}{m.shares()}<footer>{own}</footer></body></html>")


def widgets(m: Maker) -> Made:
    meta = ""
    for name in m.chance.sample([n for n, k in PLANTED.items() if "meta" in k], 1):
        fill = m.fill(name)
        meta += m.filled(PLANTED[name]["meta"], fill)
        m.page.own.add((name, fill["h"]))
    page, timeline = m.own("facebook"), ""
    if m.chance.random() < 0.6:
        timeline = f'<a class="twitter-timeline" data-height="400" href="{escape(m.own("x_com"))}">Posts</a>'
    data = "".join(
        f'<button type="button" data-sns-url="{escape(m.own(n))}" class="go">go</button>'
        for n in m.some(least=2, most=4, of=("instagram", "telegram", "naver_blog", "linkedin"))
    )
    return m.done(
        f'{m.head(meta)}<body>{m.text()}<div class="fb-page" data-href="{escape(page)}" data-tabs="timeline"></div>{timeline}{data}'
        f'<div class="fb-share-button" data-href="https://{m.host}/"></div><a href="https://twitter.com/share" class="twitter-share-button" data-via="quietriver">Tweet</a>{m.shares()}</body></html>'
    )


def partners(m: Maker) -> Made:
    own = [
        m.own(n)
        for n in (
            "facebook",
            "x_com",
            "instagram",
            *m.some(least=1, most=3, of=("linkedin", "youtube", "telegram")),
        )
    ]
    real = next(h for n, h in m.page.own if n == "x_com")
    false = m.imitation("x_com", real)
    friends = "".join(f'<li><a href="{escape(m.other(n))}">p</a></li>' for n in ("facebook", "instagram"))
    return m.done(
        f'{m.head()}<body><main>{m.text()}<p>Beware: <a href="{escape(false)}">this account</a> is not ours.</p><section class="partners"><ul>{friends}</ul></section></main>'
        f'<footer>{"".join(m.anchor(one) for one in own)}<span>Website by <a href="{escape(m.other("instagram"))}">Studio Brik</a></span></footer>{m.shares()}</body></html>'
    )


def fediverse(m: Maker) -> Made:
    own_server = PLANTED["mastodon"]["own_server"]
    address = m._planted("mastodon", m.chance.choice(own_server), m.page.own)
    if m.chance.random() < 0.5:
        link = f'<a rel="me" href="{address}">{m.words[:4]}</a>'
    else:
        link = f'<a href="{address}"><svg><title>{PLANTED["mastodon"]["word"]}</title></svg></a>'
    own = "".join(m.anchor(m.own(n)) for n in m.some(least=2, most=4) if n != "mastodon")
    return m.done(
        f'{m.head()}<body>{m.text()}{m.shares()}<a href="https://medium.example/@writer">essay</a><footer>{link}{own}</footer></body></html>'
    )


def in_text(m: Maker) -> Made:
    said = ""
    for n in m.some(least=2, most=4, of=("facebook", "naver_blog", "linkedin", "weibo", "telegram")):
        said += (
            f"<p>{m.words[:8]} {m.own(n).split('//')[-1].split('?')[0] if '?' not in m.own(n) else ''}</p>"
            if False
            else f"<p>SNS: {plain(m, n)}</p>"
        )
    return m.done(f"{m.head()}<body>{m.text()}<div class='contact'>{said}</div>{m.shares()}</body></html>")


def plain(m: Maker, network: str) -> str:
    """An address as it is printed for people to type."""
    way = next(w for w in PLANTED[network]["ways"] if "?" not in w[0] and "#" not in w[0])
    return m._planted(network, way, m.page.own).partition("//")[2].removeprefix("www.")


LAYOUTS: dict[str, Layout] = {
    f.__name__: f
    for f in (footer_icons, json_ld, js_config, korean, chinese, dutch, article, minified, leaving, feeds, widgets, partners, fediverse, in_text)
}  # fmt: skip
