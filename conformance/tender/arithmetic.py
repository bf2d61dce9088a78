"""Arithmetic that leaves a trace: every number of an evaluation is the value of a recorded formula."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from conformance.model import Text
from conformance.tender.values import decimal_text, fraction_text

_OPERATORS: dict[type[ast.AST], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Fraction]] = {"max": max, "min": min}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One step of a calculation: formula, what its names stand for, and its exact value."""

    id: str
    bidder: str
    title: Text
    formula: str
    operands: tuple[tuple[str, str | Fraction], ...]  # a text is the id of an earlier step
    value: Fraction

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "bidder": self.bidder,
            "title": self.title.to_json(),
            "formula": self.formula,
            "operands": {name: _operand(value) for name, value in self.operands},
            "value": fraction_text(self.value),
            "shown": decimal_text(self.value, 10),
        }


class Ledger:
    """Takes down the steps of one evaluation in order."""

    def __init__(self) -> None:
        self._steps: dict[str, Recorded] = {}

    @property
    def steps(self) -> tuple[Recorded, ...]:
        return tuple(self._steps.values())

    def __getitem__(self, step: str) -> Fraction:
        return self._steps[step].value

    def record(
        self, step: str, bidder: str, title: Text, formula: str, operands: Mapping[str, str | Fraction]
    ) -> Fraction:
        """Evaluate ``formula`` and take it down under the id ``step``."""
        values = {name: self[v] if isinstance(v, str) else v for name, v in operands.items()}
        value = evaluate(formula, values)
        self._steps[step] = Recorded(step, bidder, title, formula, tuple(operands.items()), value)
        return value


def evaluate(formula: str, values: Mapping[str, Fraction]) -> Fraction:
    """The exact value of ``formula``: + - * /, min, max, whole numbers and names; nothing else is possible."""
    return _value(_parsed(formula), values)


def recompute(steps: Iterable[Mapping[str, Any]]) -> dict[str, Fraction]:
    """The values of all steps of a stored evaluation, computed again from formulas and operands alone.

    Raises ValueError naming the step whose stored value is another.
    """
    found: dict[str, Fraction] = {}
    for step in steps:
        operands = {
            name: found[each["step"]] if "step" in each else Fraction(each["value"])
            for name, each in step["operands"].items()
        }
        found[step["id"]] = evaluate(step["formula"], operands)
        if found[step["id"]] != Fraction(step["value"]):
            raise ValueError(f"{step['id']}: {step['value']} is stored, {found[step['id']]} follows")
    return found


def _operand(value: str | Fraction) -> dict[str, str]:
    return {"step": value} if isinstance(value, str) else {"value": fraction_text(value)}


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _value(node: ast.expr, values: Mapping[str, Fraction]) -> Fraction:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return Fraction(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        return _FUNCTIONS[node.func.id](*(_value(each, values) for each in node.args))
    raise ValueError(f"not a formula: {ast.unparse(node)}")
