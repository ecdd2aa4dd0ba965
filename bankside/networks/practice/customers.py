"""The customers of the pretended network, and the script by which they speak without being asked.

The only input of the script is time, so that a test can drive it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bankside.networks.practice.state import (
    PICTURES,
    Image,
    Person,
    State,
    Thing,
    change,
    is_own_post,
    renumber,
)


def start(state: State, *, handle: str, scripted: bool) -> None:
    """The first connection of an account: from now on its customers' clocks run."""
    state.handle = handle
    if not state.started_ms:
        state.started_ms = state.now_ms
    if scripted and not state.scripted:
        state.scripted = True
        let_time_pass(state)


def let_time_pass(state: State) -> None:
    """Lets appear what was accepted late, and lets the customers say what is due."""
    now = state.now_ms
    for thing in state.things.values():
        if not thing.n and thing.visible_ms <= now:
            renumber(state, thing)
    if state.scripted:
        play(state, now)


PEOPLE: dict[str, Person] = {
    "minji": Person("u-minji", "@minji_k", "김민지", "ko"),
    "junho": Person("u-junho", "@junho.lee", "이준호", "ko"),
    "liwei": Person("u-liwei", "@liwei88", "李伟", "zh-Hans"),
    "meiling": Person("u-meiling", "@meiling", "陈美玲", "zh-Hans"),
    "sanne": Person("u-sanne", "@sanne_dv", "Sanne de Vries", "nl"),
    "daan": Person("u-daan", "@daanb", "Daan Bakker", "nl"),
    "emma": Person("u-emma", "@emma.t", "Emma Turner", "en"),
    "noah": Person("u-noah", "@noahw", "Noah Williams", "en"),
    "mallory": Person("u-mallory", "@mallory", "<b onmouseover=alert(1)>Mallory</b>", "en"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says, and when (UTC milliseconds of the pretended network)."""

    who: Person
    text: str
    lang: str
    at_ms: int


def person(by: str, name: str = "") -> Person:
    """One of PEOPLE, or somebody new of that handle."""
    known = PEOPLE.get(by) or Person(f"u-{by}", f"@{by}", by)
    return Person(known.id, known.handle, name, known.lang) if name else known


def other_party(state: State, thing: Thing) -> Person:
    """The customer of a thread: who wrote in it first and is not the bank."""
    if not thing.own:
        return thing.author
    return next(t.author for t in state.things.values() if t.thread == thing.thread and not t.own)


def add_customer(state: State, said: Words, *, private: bool, images: tuple[Image, ...] = ()) -> Thing:
    """A new thread: a mention, or a message in the private exchange with this person."""
    kind, letter = ("message", "d") if private else ("mention", "m")
    id = state.new_id(letter)
    thread = f"exchange:{said.who.id}" if private else id
    return _show(state, _thing(id, kind, said, thread, private=private, images=list(images)))


def add_reply(state: State, parent: Thing, said: Words) -> Thing:
    """Goes on below `parent`; a comment directly under one of the bank's posts begins a thread."""
    id = state.new_id("d" if parent.private else "c")
    kind = "message" if parent.private else "comment"
    thread = id if is_own_post(parent) else parent.thread
    return _show(state, _thing(id, kind, said, thread, in_reply_to=parent.id, private=parent.private))


def add_act(state: State, who: Person, kind: str, at_ms: int, about: str = "") -> Thing:
    """Somebody likes what the bank said (`about`), or begins to follow it."""
    id = state.new_id(kind[0])
    return _show(state, _thing(id, kind, Words(who, "", who.lang, at_ms), about or id, in_reply_to=about))


def _thing(id: str, kind: str, said: Words, thread: str, **more: Any) -> Thing:
    return Thing(id, kind, said.who, said.text, said.lang, thread, said.at_ms, said.at_ms, **more)


def _show(state: State, thing: Thing) -> Thing:
    state.things[thing.id] = thing
    renumber(state, thing)
    return thing


# --- the script: what customers do by themselves -----------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Line:
    """`after_seconds` counts from the first connection; what lies before it is already there then.

    In public the text begins with the bank's handle. `picture` is a file beside this one, `alt` what it
    shows.
    """

    key: str
    who: str
    after_seconds: int
    text: str
    private: bool = False
    act: str = "says"
    picture: str = ""
    alt: str = ""


SCRIPT: tuple[_Line, ...] = (
    _Line("follower", "junho", -6000, "", act="follows"),
    _Line("card-lost", "minji", -5400, "카드를 지하철에서 잃어버렸어요. 지금 바로 정지할 수 있나요?"),
    _Line(
        "app-login",
        "sanne",
        -4100,
        "Ik kan sinds vanochtend niet meer inloggen in de app. Storing?",
        picture="app-login.png",
        alt="Scherm van de app: inloggen is nu niet mogelijk, foutcode 7",
    ),
    _Line("rates", "liwei", -3000, "请问现在一年期定期存款的利率是多少？可以在手机银行办理吗？"),
    _Line("double", "emma", -2400, "I was charged twice on card 4242 4242 4242 4242. Can you check?", True),
    _Line("limit", "junho", -1500, "이체 한도를 올리고 싶어요. 주민등록번호는 900101-1234568 입니다.", True),
    _Line("hours", "noah", -1100, "Is the branch at the station open on Saturday? 🙏"),
    _Line("hostile", "mallory", -800, '<img src=x onerror=alert(1)> <a href="javascript:x">win</a> &lt;3'),
    _Line("typo", "daan", -600, "Wat is de dagkoers van de euro naar de won? Ik wil 1000 wisslen."),
    _Line(
        "typo", "daan", -420, "Wat is de dagkoers van de euro naar de won? Ik wil 1000 wisselen.", act="edits"
    ),
    _Line("regret", "meiling", -300, "我的贷款申请被拒了，太失望了！"),
    _Line("abroad", "emma", 20, "Does my debit card work in Seoul without extra fees?"),
    _Line("regret", "meiling", 40, "", act="deletes"),
    _Line("mortgage", "sanne", 70, "Goedemiddag, kan ik mijn hypotheekafspraak verzetten?", True),
    _Line("transfer", "liwei", 120, "我昨天的跨境汇款还没有到账，参考号 HB-20391。", True),
    _Line("praise", "minji", 180, "어제 상담해 주신 분 정말 친절했어요. 감사합니다 👏👏"),
    _Line("phish", "noah", 260, "A text message from 'HanuI Bank' asks for my PIN. Is that you?"),
)

COMMENTS: tuple[tuple[tuple[str, int, str], ...], ...] = (
    (
        ("minji", 6, "좋은 소식이네요! 언제부터 적용되나요?"),
        ("daan", 20, "Geldt dit ook voor zakelijke klanten?"),
    ),
    (("liwei", 7, "谢谢通知，请问分行也同样适用吗？"), ("emma", 24, "Where can I read the small print?")),
    (("sanne", 5, "Eindelijk! Hier wachtte ik op."), ("junho", 22, "앱에서도 신청할 수 있나요?")),
    (("noah", 8, "Does this change anything for students?"), ("meiling", 26, "太好了，支持！")),
)
"""Comments under the bank's posts: the first post gets the first pair, and so on in a circle."""

THANKS = {
    "ko": "빠른 답변 감사합니다!",
    "zh-Hans": "谢谢您的回复！",
    "nl": "Dank je wel voor het snelle antwoord!",
    "en": "Thank you, that helped.",
}
THANKS_AFTER_SECONDS = 10
LIKED_AFTER_SECONDS = 4


def play(state: State, now: int) -> None:
    """Does every line that is due and was not played, in the order of its time."""
    todo = [(at, key, act) for at, key, act in _program(state) if at <= now and key not in state.played]
    for at, key, act in sorted(todo, key=lambda t: (t[0], t[1])):
        state.played.append(key)
        act(at)


def _program(state: State) -> Iterator[tuple[int, str, Callable[[int], object]]]:
    """(when, key, what): a pure function of what is there, so that it may be asked any number of times."""
    for line in SCRIPT:
        yield (
            state.started_ms + line.after_seconds * 1000,
            f"script:{line.key}:{line.act}",
            _acting(state, line),
        )
    things = [t for t in state.things.values() if t.own and t.n and not t.deleted]
    for number, post in enumerate(t for t in things if t.kind == "post"):
        for who, after, text in COMMENTS[number % len(COMMENTS)]:
            yield (
                post.visible_ms + after * 1000,
                f"comment:{post.id}:{who}",
                _commenting(state, post, who, text),
            )
        yield post.visible_ms + LIKED_AFTER_SECONDS * 1000, f"like:{post.id}", _liking(state, post)
    answers = {t.thread: t for t in reversed(things) if t.kind != "post" and t.in_reply_to}
    for thread, answer in answers.items():
        yield answer.visible_ms + THANKS_AFTER_SECONDS * 1000, f"thanks:{thread}", _thanking(state, answer)


def _acting(state: State, line: _Line) -> Callable[[int], object]:
    def act(at: int) -> None:
        who = PEOPLE[line.who]
        if line.act == "follows":
            add_act(state, who, "follow", at)
            return
        text = line.text if line.private or not line.text else f"@{state.handle} {line.text}"
        if line.act == "says":
            shown = (Image(f"{PICTURES}{line.picture}", line.alt, "image/png"),) if line.picture else ()
            add_customer(state, Words(who, text, who.lang, at), private=line.private, images=shown)
            return
        mentions = (
            t for t in state.things.values() if t.author == who and t.kind == "mention" and not t.deleted
        )
        if thing := next(mentions, None):
            change(state, thing, text=text, deleted=line.act == "deletes")

    return act


def _commenting(state: State, post: Thing, who: str, text: str) -> Callable[[int], object]:
    return lambda at: add_reply(state, post, Words(PEOPLE[who], text, PEOPLE[who].lang, at))


def _liking(state: State, post: Thing) -> Callable[[int], object]:
    return lambda at: add_act(state, PEOPLE["emma"], "like", at, post.id)


def _thanking(state: State, answer: Thing) -> Callable[[int], object]:
    def act(at: int) -> None:
        who = other_party(state, answer)
        add_reply(state, answer, Words(who, THANKS.get(who.lang, THANKS["en"]), who.lang, at))

    return act
