"""What only people can say, asked such that the answer can be judged: type, unit, threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from conformance.engines.documents import shown
from conformance.model import Text, literal, say

Kind = Literal["number", "yes-no", "date", "list", "address", "addresses", "text"]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of one criterion.

    ``wanted`` is the answer to a yes-no question that satisfies the criterion; ``contains`` what a list has to hold;
    ``one_of`` what a text may be; ``days`` how old a date may be; ``not_above`` the id of the question whose number
    must not be exceeded. A ``stricter`` threshold agreed in a contract may be given with the answer.
    """

    criterion: str
    id: str
    text: Text
    kind: Kind
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    wanted: bool | None = None
    contains: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    days: int | None = None
    not_above: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """An answer: its value, the unit it is told in, a stricter threshold if one was agreed, where it stands."""

    question: str
    value: Any
    unit: str
    threshold: float | None
    place: str


def wanted(question: Question, given: Given, others: Mapping[str, Given]) -> Text:
    """What would satisfy the criterion."""
    limit = _limit(question, given, others)
    if limit is not None:
        sign = "≥" if question.at_least is not None else "≤"
        return literal(f"{question.id} {sign} {limit:g} {question.unit}".strip())
    if question.wanted is not None:
        return literal(f"{question.id}: {'yes' if question.wanted else 'no'}")
    if question.contains or question.one_of:
        names = ", ".join(question.contains or question.one_of)
        return say(
            "{q}: {n}" if question.contains else "{q}: eines von {n}",
            "{q}: {n}" if question.contains else "{q}: one of {n}",
            q=question.id,
            n=names,
        )
    if question.days is not None:
        return say("{q}: höchstens {n} Tage alt", "{q}: at most {n} days old", q=question.id, n=question.days)
    return say("{q}: eine Angabe", "{q}: a statement", q=question.id)


def satisfied(question: Question, given: Given, others: Mapping[str, Given], today: date) -> bool:
    """Whether an answer satisfies the criterion, on this day."""
    value = given.value
    if question.kind == "number":
        limit = _limit(question, given, others)
        return limit is None or (value >= limit if question.at_least is not None else value <= limit)
    if question.kind == "yes-no":
        return question.wanted is None or value is question.wanted
    if question.kind == "list":
        return {name.casefold() for name in question.contains} <= {str(one).casefold() for one in value}
    if question.kind == "date":
        day = date.fromisoformat(value)
        return day <= today and (question.days is None or (today - day).days <= question.days)
    if question.one_of:
        return str(value).casefold() in {name.casefold() for name in question.one_of}
    return True


def _limit(question: Question, given: Given, others: Mapping[str, Given]) -> float | None:
    """The threshold that counts: ours, or the stricter one that was agreed."""
    if question.not_above:
        other = others.get(question.not_above)
        return float(other.value) if other is not None else None
    own = question.at_least if question.at_least is not None else question.at_most
    if own is None or given.threshold is None:
        return own
    return max(own, given.threshold) if question.at_least is not None else min(own, given.threshold)


def misfit(question: Question, value: Any) -> Text | None:
    """Why a value is no answer to the question; None if it is one."""
    fits = _FITS[question.kind]
    if fits(value):
        return None
    return say(
        "{q} verlangt {d}, angegeben ist {v}",
        "{q} takes {e}, given is {v}",
        q=question.id,
        d=_NAMES[question.kind].de,
        e=_NAMES[question.kind].en,
        v=shown(value, 60),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _are_addresses(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_address, value))


_FITS = {
    "number": _is_number,
    "yes-no": lambda value: isinstance(value, bool),
    "date": _is_date,
    "list": _is_list,
    "address": _is_address,
    "addresses": _are_addresses,
    "text": _is_text,
}
_NAMES: Mapping[str, Text] = {
    "number": say("eine Zahl", "a number"),
    "yes-no": say("true oder false", "true or false"),
    "date": say("ein Datum wie 2026-11-22", "a date such as 2026-11-22"),
    "list": say("eine Liste von Texten", "a list of texts"),
    "address": say("eine Adresse mit https://", "an address with https://"),
    "addresses": say("eine Liste von Adressen", "a list of addresses"),
    "text": say("Text", "text"),
}
