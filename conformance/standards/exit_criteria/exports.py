"""The export that the customer gets: files, told by export.json, read as far as free tools read them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from lxml import etree

from conformance.checks import Unavailable, observation
from conformance.engines.documents import answer, read_json
from conformance.model import Exchange, FaultOwner, say
from conformance.standards.exit_criteria.files import Files
from conformance.standards.exit_criteria.lists import array_of
from conformance.standards.exit_criteria.tables import csv_rows

FORMAT = "conformance-export/1"
#: Formats by how a file begins; what is not among them is not known to be open.
_MAGIC = (
    (b"PAR1", "parquet"),
    (b"CDF", "netcdf"),
    (b"\x89HDF\r\n\x1a\n", "netcdf"),
    (b"ISO-10303-21", "ifc"),
    (b"SQLite format 3\x00", "geopackage"),
)
_OPEN = frozenset(
    {"json", "ndjson", "csv", "xml", "turtle", "yaml", "zip", "pdf/a", *(name for _, name in _MAGIC)}
)
_TURTLE = re.compile(r"\s*(?:@prefix|@base|PREFIX|<[^>]+>\s+<[^>]+>)")
_YAML = re.compile(r"(?:\s*#[^\n]*\n)*(?:---\s*\n)?[\w .-]+:(?:\s|$)")
_GEOPACKAGE = (b"GPKG", b"GP10", b"GP11")


@dataclass(frozen=True, slots=True)
class Exported:
    """One file of the export: what export.json says of it and what is in it.

    ``items`` are its objects as far as the format has any that are read here (JSON, NDJSON, GeoJSON, CSV);
    ``trouble`` says why it cannot be read at all.
    """

    exchange: Exchange
    told: Mapping[str, Any]
    format: str
    items: tuple[Any, ...] = field(repr=False, default=())
    trouble: str = ""

    @property
    def name(self) -> str:
        return str(self.told.get("file", ""))

    @property
    def role(self) -> str:
        return str(self.told.get("role") or "data")

    @property
    def category(self) -> str:
        return str(self.told.get("category", ""))

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes as they are."""
        return sha256(answer(self.exchange).body).hexdigest()

    @property
    def open(self) -> bool:
        """Whether the format is open and the file can be read."""
        return self.format in _OPEN and not self.trouble


@dataclass(frozen=True, slots=True)
class Export:
    """All files of the export.

    ``missing``: name and place of files that are told of but were not supplied. ``withheld``: categories of which
    export.json says itself that their file is too large to be supplied.
    """

    exchange: Exchange
    data: Mapping[str, Any]
    files: tuple[Exported, ...]
    missing: tuple[tuple[str, str], ...]
    withheld: tuple[str, ...] = ()

    def of_role(self, *roles: str) -> tuple[Exported, ...]:
        """The files with these roles."""
        return tuple(one for one in self.files if one.role in roles)

    def of_category(self, category: str, *roles: str) -> tuple[Exported, ...]:
        """The files of one category with these roles."""
        return tuple(one for one in self.of_role(*roles) if one.category == category)

    def named(self, name: Any) -> Exported | None:
        """The file of this name."""
        return next((one for one in self.files if one.name == name), None)


@observation()
def export(files: Files) -> Export:
    """The export of the platform as it was handed over."""
    found, data = files.need_json("export.json", FORMAT)
    told = data.get("files")
    if not isinstance(told, list) or not all(isinstance(one, dict) and one.get("file") for one in told):
        raise Unavailable(
            say(
                "export.json nennt keine Dateien (files: [{file, category, role, sha256}]).",
                "export.json names no files (files: [{file, category, role, sha256}]).",
            ),
            FaultOwner.CONFIGURATION,
        )
    read, missing_files = [], []
    for index, one in enumerate(told):
        if one.get("supplied") is False:
            continue
        file = files.find(str(one["file"]))
        if file is None:
            missing_files.append((str(one["file"]), f"/files/{index}"))
        else:
            read.append(exported(file, one))
    withheld = tuple(str(one.get("category")) for one in told if one.get("supplied") is False)
    return Export(found, data, tuple(read), tuple(missing_files), withheld)


def exported(file: Exchange, told: Mapping[str, Any]) -> Exported:
    """A file of the export, its format told by its content."""
    body = answer(file).body
    kind = format_of(body)
    try:
        return Exported(file, told, kind, tuple(_items(kind, body)), _trouble(kind, body))
    except (ValueError, Unavailable) as error:
        return Exported(file, told, kind, (), str(error)[:200])


def format_of(body: bytes) -> str:
    """The format that the content of a file shows; "unknown" if it is none of those known to be open."""
    for magic, name in _MAGIC:
        if body.startswith(magic):
            return _sqlite(body) if name == "geopackage" else name
    if body.startswith(b"%PDF-"):
        return "pdf/a" if b"pdfaid:part" in body else "pdf"
    if body.startswith(b"PK\x03\x04"):
        return "zip"
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "unknown"
    return _text_format(text) if "\x00" not in text else "unknown"


def _sqlite(body: bytes) -> str:
    return "geopackage" if body[68:72] in _GEOPACKAGE else "sqlite"


def _text_format(text: str) -> str:
    bare = text.lstrip()
    if bare.startswith(("{", "[")):
        return "ndjson" if _is_ndjson(bare) else "json"
    if bare.startswith("<") and not _TURTLE.match(bare):
        return "html" if bare[:200].lower().startswith(("<!doctype html", "<html")) else "xml"
    if _TURTLE.match(bare):
        return "turtle"
    if _YAML.match(text):
        return "yaml"
    head = bare.partition("\n")[0]
    return "csv" if any(mark in head for mark in ",;\t") else "unknown"


def _is_ndjson(text: str) -> bool:
    """Whether the first line alone is a JSON object and more follows."""
    first, _, rest = text.partition("\n")
    try:
        return isinstance(json.loads(first), dict) and bool(rest.strip())
    except ValueError:
        return False


def _items(kind: str, body: bytes) -> Iterator[Any]:
    text = body.decode("utf-8-sig") if kind in ("json", "ndjson", "csv") else ""
    if kind == "ndjson":
        yield from (read_json(line)[0] for line in text.splitlines() if line.strip())
    elif kind == "json":
        data = read_json(text)[0]
        found = array_of(data)
        yield from found[1] if found is not None else [data]
    elif kind == "csv":
        yield from (dict(row.values) for row in csv_rows(text, "export"))


def _trouble(kind: str, body: bytes) -> str:
    """Why a file of this format cannot be used although its beginning looks right; "" if it can."""
    if kind == "xml":
        try:
            etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            return str(error)
    if kind == "zip":
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                return "encrypted" if any(info.flag_bits & 1 for info in archive.infolist()) else ""
        except zipfile.BadZipFile as error:
            return str(error)
    return ""
