"""Lists as people write them: CSV with a header line, comma or semicolon, or the same as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.checks import Unavailable
from conformance.engines.documents import answer, parse_json
from conformance.model import Exchange, FaultOwner, Text, say
from conformance.standards.exit_criteria.files import Files


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column, and where it stands."""

    values: Mapping[str, str]
    place: str

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a list and the file they were read from."""

    exchange: Exchange
    name: str
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def table(files: Files, name: str, columns: Sequence[str]) -> Table:
    """The list ``<name>.csv`` or ``<name>.json``, which has at least these columns.

    Raises Unavailable if it was not supplied, or with the line if it cannot be read.
    """
    exchange = files.need(f"{name}.csv", f"{name}.json")
    file = exchange.url.rpartition("/")[2]
    rows = _from_json(exchange, file) if file.endswith(".json") else _from_csv(exchange, file)
    for row in rows:
        missing = [column for column in columns if column not in row.values]
        if missing:
            raise Unavailable(_without(row.place, missing, columns), FaultOwner.CONFIGURATION)
    return Table(exchange, file, rows)


def csv_rows(text: str, file: str) -> tuple[Row, ...]:
    """The rows of a CSV text with a header line; names of columns in lower case."""
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        found = []
        for cells in reader:
            place = f"{file}:{reader.line_num}"
            if len(cells) > len(columns):
                raise Unavailable(_too_many(place, len(cells), len(columns)), FaultOwner.CONFIGURATION)
            if any(cell.strip() for cell in cells):
                found.append(Row(dict(zip(columns, (c.strip() for c in cells), strict=False)), place))
    except csv.Error as error:
        place = f"{file}:{reader.line_num}"
        raise Unavailable(
            say("{p}: kein CSV: {e}", "{p}: not CSV: {e}", p=place, e=error), FaultOwner.CONFIGURATION
        ) from error
    if not columns or not any(columns):
        raise Unavailable(
            say("{f}:1: es fehlt die Kopfzeile.", "{f}:1: the header line is missing.", f=file),
            FaultOwner.CONFIGURATION,
        )
    return tuple(found)


def text_of(exchange: Exchange) -> str:
    """A file as text; raises Unavailable if it is not UTF-8."""
    try:
        return answer(exchange).body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unavailable(
            say(
                "{u} ist nicht in UTF-8 gespeichert (Byte {n}).",
                "{u} is not stored as UTF-8 (byte {n}).",
                u=exchange.url.rpartition("/")[2],
                n=error.start,
            ),
            FaultOwner.CONFIGURATION,
        ) from error


def _from_csv(exchange: Exchange, file: str) -> tuple[Row, ...]:
    return csv_rows(text_of(exchange), file)


def _from_json(exchange: Exchange, file: str) -> tuple[Row, ...]:
    data = parse_json(exchange).data
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise Unavailable(
            say("{f}: erwartet wird eine Liste von Objekten.", "{f}: a list of objects is expected.", f=file),
            FaultOwner.CONFIGURATION,
        )
    return tuple(
        Row({str(k).lower(): "" if v is None else str(v) for k, v in one.items()}, f"{file}#/{index}")
        for index, one in enumerate(data)
    )


def _without(place: str, missing: Sequence[str], columns: Sequence[str]) -> Text:
    return say(
        "{p}: es fehlt die Spalte {m} (verlangt: {c}).",
        "{p}: the column {m} is missing (required: {c}).",
        p=place,
        m=", ".join(missing),
        c=", ".join(columns),
    )


def _too_many(place: str, cells: int, columns: int) -> Text:
    return say(
        "{p}: {n} Werte, aber nur {c} Spalten; Werte mit Trennzeichen gehören in Anführungszeichen.",
        "{p}: {n} values, but only {c} columns; put values with a delimiter into quotes.",
        p=place,
        n=cells,
        c=columns,
    )
