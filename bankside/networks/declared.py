"""What a network's data file declares, table by table. Strict: a slip is an error and not a silence."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from bankside.networks.failures import Refused
from bankside.said import Said


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict: a misspelt key in a data file is an error, not a silence."""


Right = Literal["account", "pages", "read", "write", "media", "private", "counts", "hooks", "lasting", "all"]


class Setting(Declared, frozen=True):
    """One field of the connect form. `secret` fields are sealed and never shown again."""

    name: str
    label: str
    help: str
    secret: bool = False
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()


class Text(Declared, frozen=True):
    """How long a post may be. `limit` and `title_limit` 0 mean no limit; `rule` names a counter."""

    limit: int
    unit: str
    rule: Literal[
        "none", "weighted", "graphemes-bytes", "graphemes-url", "utf16", "half-width", "emoji-bytes"
    ]
    bytes_limit: int = 0
    url_length: int = 0
    title_limit: int = 0


class MediaRule(Declared, frozen=True):
    """What files of one kind may be sent with a post. Sizes in bytes; 0 means no limit of the network."""

    kind: Literal["image", "video", "audio", "document"]
    mimes: tuple[str, ...]
    count_max: int
    bytes_max: int
    alt_max: int = 0
    note: str = ""


class Hosts(Declared, frozen=True):
    """Where the wire may go: `fixed` host names, and the hosts of the addresses in settings.

    The address in `from_setting` must be there; those in `also_from` may be missing.
    """

    fixed: tuple[str, ...] = ()
    from_setting: str = ""
    also_from: tuple[str, ...] = ()

    def chosen(self, settings: dict[str, str]) -> frozenset[str]:
        """The hosts, `name` or `name:port`. Raises Refused when the address setting holds none."""
        wanted = [name for name in self.also_from if settings.get(name)]
        wanted += [self.from_setting] if self.from_setting else []
        return frozenset({*self.fixed, *(_host_in(settings.get(name, ""), name) for name in wanted)})


class OAuth(Declared, frozen=True):
    """Signing in at the network itself (OAuth 2 with PKCE) instead of giving a password.

    `server` names the setting with the address of the account's server, whose metadata say the rest
    (RFC 9728, RFC 8414); without it `authorize` and `token` are whole addresses. `hint` names the setting
    with the account's name. `par`: the request is pushed beforehand (RFC 9126). `dpop`: tokens are bound to
    a key (RFC 9449), kept as the secret `dpop_key`. `register`: where on that server the desk first makes
    itself known, and gets a name and a secret. `authorize`, `token`: where a server that publishes no
    metadata has the two pages. `app`: the bank's own developer app is named by the settings `client_id` and
    `client_secret`. `basic`: its secret goes into a header, not into the form (RFC 6749, 2.3.1).
    `separator` stands between scopes. `pkce` false: the network refuses a code challenge. `extra`: more
    that the sign-in page is told. `renews`: tokens are made to last by `Connector.renew`, not at `token`.
    """

    server: str = ""
    hint: str = ""
    par: bool = False
    dpop: bool = False
    register: str = ""
    authorize: str = ""
    token: str = ""
    app: bool = False
    basic: bool = False
    separator: str = " "
    pkce: bool = True
    extra: dict[str, str] = {}
    renews: bool = False


class Connect(Declared, frozen=True):
    """How a channel is connected, and what a person does for it, step by step.

    `scopes`: the rights that are asked for, by the network's names; `rights`: what they allow, for people.
    `session`: secrets are exchanged for tokens that end (`Connector.renew`). `oauth`: the other way in.
    """

    method: Literal[
        "app-password", "key", "oauth2-pkce", "oauth2", "oauth2-dpop", "client-credentials", "none"
    ]
    steps: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    session: bool = False
    oauth: OAuth | None = None


class Identity(Declared, frozen=True):
    """How a member of the card proves that a profile there is hers.

    `proofs`: `oauth`: she signs in there and lets the desk see who she is (`scopes`, by the network's names),
    no more, and the token is given back at once; `rel-me`: her page there links to an address of the desk;
    `dns`: the domain that is her name there says so. `label`, `help`: what she fills in, nothing when empty.
    `lent`: settings that a channel of the bank's on the network lends to looking up. `revoke`: where, on a
    server that does not say it, tokens are given back.
    """

    proofs: tuple[Literal["oauth", "rel-me", "dns"], ...]
    scopes: tuple[str, ...] = ()
    label: str = ""
    help: str = ""
    lent: tuple[str, ...] = ()
    revoke: str = ""


class Token(Declared, frozen=True):
    """A credential's life in seconds; 0 means that it lasts until somebody takes it back."""

    kind: str
    life_seconds: int
    refresh_life_seconds: int = 0
    note: str = ""


class Rate(Declared, frozen=True):
    """How the network says how much may still be asked of it."""

    dialect: Literal["none", "retry-after", "ratelimit", "x-ratelimit", "x-rate-limit", "usage"]
    note: str = ""


class Signature(Declared, frozen=True):
    """How hooks are signed: the table that `signatures.check` goes by. `key` names the secret.

    `header` or `query` says where the signature stands, in lower case; `prefix` what stands before it (of a
    header with several fields, `a=1, b=2`, its own field is taken). `parts`: what is signed, in order:
    `body`, `header:name`, `query:name`, or `field:name` for another field of the same header; of
    `sorted-sha1` the parts beside the secret. `moment`: the part that tells the time, no older than
    `age_seconds_max`. `shake`: what a handshake asks for. `over`, `handshake`: the same in words for people.
    `answer_seconds`: how long the network waits.
    """

    scheme: Literal["none", "hmac", "sorted-sha1", "equal"]
    algorithm: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    header: str = ""
    query: str = ""
    prefix: str = ""
    key: str = ""
    parts: tuple[str, ...] = ("body",)
    moment: str = ""
    age_seconds_max: int = 0
    shake: Literal["none", "challenge", "crc", "hub", "echostr"] = "none"
    over: str = ""
    handshake: str = ""
    answer_seconds: int = 0


class Window(Declared, frozen=True):
    """How long one may answer. `hours` 0 means for ever, `messages` 0 as many as one likes.

    `of`: what the window is for. It opens when the other side writes.
    """

    kind: str
    hours: int
    of: Literal["private", "reply", "edit"] = "private"
    messages: int = 0
    note: str = ""


CountName = Literal[
    "likes", "reposts", "quotes", "shares", "replies", "comments", "views", "delivered", "clicks", "followers"
]


class Counts(Declared, frozen=True):
    """What `measure` gives, by our names: of a post, of an answer of ours, of the account itself.

    `per_call`: so many things are asked in one call; `calls_max`: calls of one round, of which there are
    twelve an hour at most. `note`: what is not given, or only under a condition.
    """

    post: tuple[CountName, ...]
    answer: tuple[CountName, ...] = ()
    account: tuple[CountName, ...] = ()
    per_call: int = 1
    calls_max: int = 10
    note: str = ""


class Price(Declared, frozen=True):
    """What one act costs, as the network prints it (a decimal in a string).

    `daily`: the same thing is charged once in a day (UTC), however often it is asked for.
    """

    act: Literal["post", "post-with-link", "reply", "private", "remove", "read", "count"]
    amount: str
    currency: str
    note: str = ""
    daily: bool = False


class Assist(Declared, frozen=True):
    """How a person brings a post out by hand. `link`: the page to open, with {text}, {title} where it takes
    them; `evidence`: how the address of a post there begins, one of these."""

    link: str
    steps: tuple[str, ...]
    evidence: tuple[str, ...] = ()


class Form(Declared, frozen=True):
    """One form of addresses. `path` begins with /; `{handle}` stands for a part of it, `*` for any one part.

    What follows it does not count, unless it ends in `$`. After `?` come the fields of the query that it
    must have. `under`: only at these hosts. `handle`: what the name looks like here (a regular expression),
    where it is other than elsewhere; `exact`: its letters' case counts. `called`: how the account is named.
    `shows`: an `account` of an institution, a `person`, a `post` of theirs, or a `short` address that only
    the network can resolve. `address`: the page of such an account, where it is not that of the others.
    """

    path: str
    under: tuple[str, ...] = ()
    handle: str = ""
    exact: bool = False
    called: str = "{handle}"
    address: str = ""
    shows: Literal["account", "person", "post", "short"] = "account"


class KnownBy(Declared, frozen=True):
    """How pages of others show that somebody has an account on the network.

    `hosts`: where accounts are, former names too; `*.` before one takes every name under it in, but for
    those `apart`; `{handle}.` before one: the account is in the name. `forms`: addresses of accounts, the
    first that fits; `never`: beginnings of paths that are shares, sign-in, help or anything else.
    `handle`: what a name looks like; `exact`: its letters' case counts, `idle`: characters in it that do not.
    `address`: the page of an account. `metas`: names of <meta> that hold an account; `authors`: those that
    hold whoever wrote the page. `attributes`: of elements of widgets, with a name in them, also as
    `class@attribute` or `tag@attribute`. `keys`: what such names are called in settings of scripts, in lower
    case without _ and -. `scripts`: regular expressions with a group `handle` that begin with fixed letters,
    for what stands in scripts, and `texts` for what is written for people to read. `posts`: classes of
    embedded posts, `timelines`: of widgets that show all that an account says. `words`: what people call it,
    in lower case; a picture of a code to scan that bears one is a faint trace. `anywhere`: any server may
    keep accounts, so a form alone shows nothing. `generators`: what <meta name="generator"> begins with on a
    site that is an account itself, and `signs`: relations of <link> on such a site. `feeds`: media types of
    what a page names as another form of itself. `unverified`: what nobody has looked up.
    """

    hosts: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    never: tuple[str, ...] = ()
    handle: str = ""
    exact: bool = False
    idle: str = ""
    address: str = ""
    metas: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    timelines: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    anywhere: bool = False
    generators: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    unverified: str = ""

    def mistakes(self) -> list[str]:
        """What cannot be right, one sentence each; none when all is well."""
        found = [f"{word!r} is no regular expression." for word in self._patterns() if not _compiles(word)]
        for form in self.forms:
            hosts = form.under or self.hosts
            if not form.path.startswith("/"):
                found.append(f"path {form.path!r} must begin with /.")
            if form.shows != "short" and "{handle}" not in form.path + "".join(hosts):
                found.append(f"path {form.path!r} has no {{handle}}.")
            if form.path.count("{handle}") > 1:
                found.append(f"path {form.path!r} has more than one {{handle}}.")
            if not hosts and not self.anywhere:
                found.append(f"path {form.path!r} is at no host.")
        if self.address and not self.address.startswith(("https://", "http://")):
            found.append(f"address {self.address!r} must be a whole one.")
        found += [
            f"scripts: {word!r} has no group handle." for word in self.scripts if "?P<handle>" not in word
        ]
        named = (
            *self.hosts,
            *self.apart,
            *self.words,
            *self.keys,
            *(h for form in self.forms for h in form.under),
        )
        return found + [f"{word!r} must be in lower case." for word in named if word != word.lower()]

    def _patterns(self) -> list[str]:
        return [self.handle, *(form.handle for form in self.forms), *self.scripts, *self.texts]


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


class Doubt(Declared, frozen=True):
    """How a lost answer is settled, and after how many seconds nothing can be accepted late any more.

    `key_hours`: how long the network remembers a key that makes sending again safe; 0 when it does not say:
    then only what a connector answers (`Later`) has the same call made again.
    """

    strategy: Literal["client_id", "server_key", "slug", "state", "search", "none"]
    late_acceptance_seconds: int
    detail: str
    key_hours: int = 0


class Poll(Declared, frozen=True):
    """How often to ask, and how much of the past every call repeats: by its age, or the newest so many.

    `exact`: nothing, for behind a cursor the network gives every change once and in order.
    """

    seconds: int
    overlap_seconds: int = 0
    overlap_items: int = 0
    exact: bool = False


def _host_in(address: str, name: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname:
        raise Refused(Said("The setting '%(name)s' must be a whole address, with https://.", name=name))
    return parts.netloc.rpartition("@")[2].lower()
