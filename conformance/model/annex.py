"""Tables that a standard adds to a report: they explain findings and never change a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.model.text import Text

Cell = str | int | float | Text


@dataclass(frozen=True, slots=True)
class Annex:
    """A table (rows × columns) with a title and an introduction, in both languages.

    Raises ValueError if a row has another number of cells than there are columns.
    """

    id: str
    title: Text
    intro: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        wrong = [row for row in self.rows if len(row) != len(self.columns)]
        if wrong:
            raise ValueError(f"annex {self.id}: {len(wrong[0])} cells in {len(self.columns)} columns")
