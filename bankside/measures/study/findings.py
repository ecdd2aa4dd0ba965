"""What a report found, in sentences made of its figures and of nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bankside.measures.study.change import Change, Moved
from bankside.measures.study.counting import Share
from bankside.measures.study.definition import Option, Question, asked_as, named, number_of, words
from bankside.measures.study.proportion import percent, rounded
from bankside.measures.study.report import Figures, Report
from bankside.measures.study.spread import Spread
from bankside.measures.study.tongue import number
from bankside.said import Said, numbered

NAMED_MAX: Final = 3  # options of one question that a sentence of its own is made for
P_LEAST: Final = 0.001


def findings(report: Report, language: str) -> tuple[Said, ...]:
    """How many answered, then of every question the first sentence, and what has changed."""
    population = report.definition.population
    if population is None:
        count = report.institutions
        first = numbered(
            count, "%(count)s institution answered.", "%(count)s institutions answered.", count=count
        )
    else:
        first = Said(
            "%(count)s of %(population)s institutions answered.",
            count=report.institutions, population=population,
        )  # fmt: skip
    found = [first]
    for figures in report.questions:
        sentences = finding(figures, report, language)
        moved = len(_moved(figures, report, language))
        found += [*sentences[:1], *sentences[max(1, len(sentences) - moved) :]]
    compared = [figures.change for figures in report.questions if figures.change]
    if compared:
        changed = sum(any(row.changed for row in change.rows) for change in compared)
        found.append(
            Said(
                "Compared with %(when)s, the answers to %(count)s of %(all)s questions "
                "changed more than chance would explain.",
                when=report.before, count=changed, all=len(compared),
            )
        )  # fmt: skip
    return tuple(found)


def finding(figures: Figures, report: Report, language: str) -> tuple[Said, ...]:
    """The sentences of one question. Texts of the study in the language, or the nearest that it has."""
    if not figures.base:
        name = asked_as(figures.question, language)
        return (Said("%(question)s Nobody was asked, so there is no share.", question=ended(name)),)
    return (*_lead(figures, report, language), *_moved(figures, report, language))


def ended(question: str) -> str:
    """A question with a sign at its end, so that a sentence can follow."""
    return question if question[-1:] in set("?.!？。！:") else f"{question}:"


def points(value: Decimal | None, language: str) -> str:
    """A decimal in the reader's format."""
    return "" if value is None else number(value, language)


def _lead(figures: Figures, report: Report, language: str) -> Iterator[Said]:
    match figures.question.kind:
        case "number" | "scale":
            yield from _spread(figures, language)
        case "single":
            top = [place.option for place in figures.ranking if place.rank == 1]
            yield from _shares(figures, report, language, top)
        case "multi":
            top = [place.option for place in figures.ranking if place.rank <= NAMED_MAX and place.count]
            yield from _shares(figures, report, language, top)
            yield from _used(figures, language)


def _shares(figures: Figures, report: Report, language: str, top: list[Option]) -> Iterator[Said]:
    """A sentence for each of the first options, in the order of the ranking."""
    by_id = {one.option.id: one for one in figures.options if one.option}
    for option in top[:NAMED_MAX]:
        yield _share(figures, report, language, option, by_id[option.id])


def _share(figures: Figures, report: Report, language: str, option: Option, share: Share) -> Said:
    told = words(figures.question.said, language).replace("{option}", named(option, language))
    whole = percent(share.count, share.base, 0)
    exact = share.base == report.definition.population
    given = {
        "count": share.count, "base": share.base, "percent": str(whole), "what": told,
        "low": points(share.low, language), "high": points(share.high, language),
        "question": ended(asked_as(figures.question, language)), "option": named(option, language),
    }  # fmt: skip
    match exact, bool(told):
        case False, True:
            return numbered(
                share.base,
                "%(count)s of %(base)s institution (%(percent)s%%) %(what)s; "
                "between %(low)s and %(high)s%% with 95%% confidence.",
                "%(count)s of %(base)s institutions (%(percent)s%%) %(what)s; "
                "between %(low)s and %(high)s%% with 95%% confidence.",
                **given,
            )
        case False, False:
            return numbered(
                share.base,
                "%(question)s %(option)s: %(count)s of %(base)s institution (%(percent)s%%); "
                "between %(low)s and %(high)s%% with 95%% confidence.",
                "%(question)s %(option)s: %(count)s of %(base)s institutions (%(percent)s%%); "
                "between %(low)s and %(high)s%% with 95%% confidence.",
                **given,
            )
        case True, True:
            return Said(
                "%(count)s of %(base)s institutions (%(percent)s%%) %(what)s; "
                "all were asked, so this is exact.",
                **given,
            )
        case _:
            return Said(
                "%(question)s %(option)s: %(count)s of %(base)s institutions (%(percent)s%%); "
                "all were asked, so this is exact.",
                **given,
            )


def _used(figures: Figures, language: str) -> Iterator[Said]:
    if figures.use:
        yield numbered(
            figures.base,
            "%(question)s %(one)s of %(base)s institution chose at least one, %(several)s several; "
            "%(mean)s on average.",
            "%(question)s %(one)s of %(base)s institutions chose at least one, %(several)s several; "
            "%(mean)s on average.",
            question=ended(asked_as(figures.question, language)), one=figures.use.at_least_one.count,
            base=figures.base, several=figures.use.several.count, mean=_plain(figures.use.mean, language),
        )  # fmt: skip


def _spread(figures: Figures, language: str) -> Iterator[Said]:
    spread = figures.spread
    if spread is None or not spread.count:
        return
    given = {
        "question": ended(asked_as(figures.question, language)), "count": spread.count,
        **{name: _plain(getattr(spread, name), language) for name in ("mean", "median", "lower", "upper")},
    }  # fmt: skip
    if worded(figures.question):
        low, high = between(figures, language)
        if low == high:
            yield numbered(
                spread.count, "%(question)s The only answer is “%(low)s”.",
                "%(question)s The middle of %(count)s answers is “%(low)s”.", low=low, **given,
            )  # fmt: skip
        else:
            yield Said(
                "%(question)s The middle of %(count)s answers lies between “%(low)s” and “%(high)s”.",
                **{**given, "low": low, "high": high},
            )
    elif figures.question.kind == "scale":
        yield numbered(
            spread.count, "%(question)s The only answer is %(median)s.",
            "%(question)s The middle of %(count)s answers is %(median)s, the mean %(mean)s.", **given,
        )  # fmt: skip
    else:
        yield numbered(
            spread.count,
            "%(question)s The only institution says %(median)s.",
            "%(question)s Half of %(count)s institutions say %(median)s or more; "
            "the middle half lies between %(lower)s and %(upper)s.",
            **given,
        )


def worded(question: Question) -> bool:
    """True for a scale whose steps are words and no numbers."""
    return question.kind == "scale" and any(number_of(option.id) is None for option in question.options)


def between(figures: Figures, language: str) -> tuple[str, str]:
    """The two steps of a scale of words around its middle; twice the same when it is one of them."""
    median = figures.spread.median if figures.spread else None
    if median is None:
        return "", ""
    low, high = math.floor(median), math.ceil(median)
    steps = [named(option, language) for option in figures.question.options]
    return steps[low - 1], steps[high - 1]


def _moved(figures: Figures, report: Report, language: str) -> tuple[Said, ...]:
    return tuple(_moves(figures, figures.change, report, language)) if figures.change else ()


def _moves(figures: Figures, change: Change, report: Report, language: str) -> Iterator[Said]:
    """What changed more than chance would explain, with the test and its p."""
    for row in change.rows:
        if row.changed:
            before, after = _ends(change, row, language)
            yield Said(
                "%(question)s %(option)s: from %(before)s to %(after)s since %(when)s (%(p)s, %(test)s).",
                question=ended(asked_as(figures.question, language)),
                option=named(row.option, language) if row.option else Said("mean"),
                before=before, after=after, when=report.before, p=chance(row.adjusted, language),
                test=change.test,
            )  # fmt: skip


def _ends(change: Change, row: Moved, language: str) -> tuple[str, str]:
    if row.before and row.after:
        ends = [percent(one.count, one.base, 0) for one in (row.before, row.after)]
        return f"{ends[0]}%", f"{ends[1]}%"
    return _mean(change.before, language), _mean(change.after, language)


def _mean(spread: Spread | None, language: str) -> str:
    return _plain(spread.mean, language) if spread else ""


def chance(p: float, language: str) -> str:
    """A p as it is printed: `p = 0.031`, and never as nothing at all."""
    if p < P_LEAST:
        return f"p < {points(Decimal(str(P_LEAST)), language)}"
    return f"p = {points(rounded(Fraction(p), 3), language)}"


def _plain(value: Decimal | None, language: str) -> str:
    """A decimal without noughts at its end."""
    return "" if value is None else points(Decimal(f"{value.normalize():f}"), language)
