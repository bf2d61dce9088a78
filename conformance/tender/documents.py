"""The documents of a tender against their JSON Schemas, and from data to values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from conformance.errors import UsageError
from conformance.model import Text, say
from conformance.tender.values import Bid, Criterion, Group, Matrix, Method, Run, Signed, Step, exact

Where = Callable[..., str]


class Refused(UsageError):
    """A tender, matrix or set of bids that must not be used; ``problems`` says everything that is wrong."""

    def __init__(self, problems: tuple[Text, ...], hint: Text | str = "") -> None:
        self.problems = problems
        lines = say(
            "{p}", "{p}", p=Text("\n".join(p.de for p in problems), "\n".join(p.en for p in problems))
        )
        super().__init__(lines, hint)


def hold(data: Any, kind: str, at: Where | None = None) -> None:
    """Raise Refused with every problem the schema of this kind finds; ``at`` turns a path into file:line."""
    problems = tuple(problems_in(data, kind, at))
    if problems:
        raise Refused(problems)


def problems_in(data: Any, kind: str, at: Where | None = None) -> Iterator[Text]:
    """What the schema ``tender``, ``matrix``, ``bids`` or ``evaluation`` objects to, sorted by place."""
    errors = validator(kind).iter_errors(data)
    for error in sorted(errors, key=lambda e: [str(part) for part in e.absolute_path]):
        path = tuple(error.absolute_path)
        place = ".".join(map(str, path)) or kind
        yield say("{a}{p}: {w}", "{a}{p}: {w}", a=f"{at(*path)}: " if at else "", p=place, w=_problem(error))


@cache
def validator(kind: str) -> Draft202012Validator:
    """The compiled JSON Schema of one kind of document."""
    path = resources.files("conformance.tender").joinpath(f"schemas/{kind}.schema.json")
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def matrix_from(data: Mapping[str, Any]) -> Matrix:
    """The matrix in a JSON document that its schema has accepted."""
    return Matrix(
        criteria=tuple(_criterion(each) for each in data["criteria"]),
        groups=tuple(Group(g["id"], Text.from_json(g["title"]), exact(g["minimum"])) for g in data["groups"]),
        method=_method(data["method"]),
        tie_break=tuple(data["tie_break"]),
        minimum_performance=exact(data["minimum_performance"]),
        weight_change=exact(data["sensitivity"]),
        data=data,
    )


def bids_from(data: Mapping[str, Any], runs: Mapping[str, tuple[Run, ...]]) -> tuple[Bid, ...]:
    """The bids in a document that its schema has accepted, with the runs read for each of them."""
    return tuple(
        Bid(
            bidder=each["bidder"],
            price=exact(each["price"]),
            runs=runs.get(each["bidder"], ()),
            grades=tuple(_signed(one) for one in each.get("grades", ())),
            overrides=tuple(_signed(one) for one in each.get("overrides", ())),
        )
        for each in data["bids"]
    )


def _criterion(data: Mapping[str, Any]) -> Criterion:
    return Criterion(
        id=data["id"],
        kind=data["kind"],
        title=Text.from_json(data["title"]),
        requirements=() if data["judged"] else tuple(data["requirements"]),
        weight=exact(data["weight"]),
        group=data["group"],
        steps=tuple(Step(exact(step["from"]), exact(step["points"])) for step in data["points"]),
        must_cap=exact(data["must_cap"]),
        inapplicable=data["inapplicable"],
        minimum=exact(data["minimum"]),
    )


def _method(data: Mapping[str, Any]) -> Method:
    fixed = data["zero_price"]
    return Method(
        name=data["name"],
        tolerance=exact(data["s"]),
        decides=data["decision"],
        performance=exact(data["performance"]),
        price=exact(data["price"]),
        reference=data["reference"],
        zero_factor=exact(data["zero_factor"]),
        zero_price=None if fixed is None else exact(fixed),
    )


def _signed(data: Mapping[str, Any]) -> Signed:
    value = data.get("outcome", data.get("points", ""))
    return Signed(data["criterion"], str(value), *(data[k] for k in ("name", "date", "reason", "signature")))


def _problem(error: ValidationError) -> Text:
    """What is wrong with a value, told by what the schema expects, without the value itself."""
    expected: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    if error.validator == "required":
        missing = ", ".join(key for key in expected if key not in instance)
        return say("es fehlt {m}", "{m} is missing", m=missing)
    if error.validator == "additionalProperties":
        unknown = ", ".join(sorted(str(k) for k in set(instance) - set(schema.get("properties", {}))))
        return say("unbekannt ist {u}", "{u} is unknown", u=unknown[:200])
    if error.validator in ("enum", "const"):
        allowed = expected if isinstance(expected, list) else [expected]
        return say("erlaubt ist nur {e}", "only {e} is allowed", e=", ".join(map(str, allowed)))
    if error.validator == "minLength":
        return say("braucht mindestens {n} Zeichen", "needs at least {n} characters", n=expected)
    form = schema.get("description", "")
    return say("hat nicht die verlangte Form ({f})", "does not have the required form ({f})", f=form)
