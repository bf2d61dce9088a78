"""What the criteria read: lists that people write, exports in many formats, units, licences, descriptions."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from conformance.checks import Unavailable
from conformance.model import Exchange, Request, Response
from conformance.reference.exit_criteria.pages import SHEET
from conformance.standards.exit_criteria.artefact import is_free
from conformance.standards.exit_criteria.description import Description, needed
from conformance.standards.exit_criteria.exports import exported, format_of
from conformance.standards.exit_criteria.interface import links_in
from conformance.standards.exit_criteria.lists import entity_kinds, id_of, members, next_of, total_of
from conformance.standards.exit_criteria.pages import names
from conformance.standards.exit_criteria.semantics import is_ucum, positions
from conformance.standards.exit_criteria.tables import csv_rows
from conformance.standards.exit_criteria.tender import is_requirement


def exchange(body: bytes, name: str = "x") -> Exchange:
    request = Request("GET", f"https://bundle.invalid/{name}")
    return Exchange(request, Response(200, "OK", (), body), None, "2026-11-22T10:00:00.000Z", 0.0)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("mark", ["", "\N{ZERO WIDTH NO-BREAK SPACE}"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lists_are_read_as_spreadsheets_write_them(delimiter: str, mark: str, end: str) -> None:
    text = mark + end.join([f"Category{delimiter}kind", f'"a {delimiter} b"{delimiter}data', ""])
    (row,) = csv_rows(text, "x.csv")
    assert (row["category"], row["kind"], row.place) == (f"a {delimiter} b", "data", "x.csv:2")


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "x.csv:1"), ("a;b\n1;2;3\n", "x.csv:2"), ('a;b\n"1;2\n', "x.csv:")],
)
def test_what_is_no_list_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(Unavailable) as refused:
        csv_rows(text, "x.csv")
    assert told in refused.value.text.de
    assert told in refused.value.text.en


def zipped(encrypted: bool) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "a;b\n")
    data = bytearray(buffer.getvalue())
    if encrypted:  # the general purpose flag, in the local header and in the directory
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


SQLITE = b"SQLite format 3\x00" + b"\x00" * 52


@pytest.mark.parametrize(
    ("body", "kind", "is_open"),
    [
        (b'{"value": [{"a": 1}]}', "json", True),
        (b'[{"a": 1}]', "json", True),
        (b'{"a": 1}\n{"a": 2}\n', "ndjson", True),
        (b"a;b\n1;2\n", "csv", True),
        (b"<?xml version='1.0'?><a/>", "xml", True),
        (b"<a><b></a>", "xml", False),
        (b"@prefix a: <http://a/> .\na:b a:c a:d .", "turtle", True),
        (b"# Regeln\nrules:\n  - a\n", "yaml", True),
        (b"PAR1xxxx", "parquet", True),
        (b"CDF\x01xxxx", "netcdf", True),
        (b"ISO-10303-21;\n", "ifc", True),
        (SQLITE + b"GPKG" + b"\x00" * 20, "geopackage", True),
        (SQLITE + b"\x00" * 24, "sqlite", False),
        (SHEET, "pdf/a", True),
        (b"%PDF-1.7\n", "pdf", False),
        (b"<!DOCTYPE html><title>x</title>", "html", False),
        (b"\x00\x01\x02", "unknown", False),
        (b"\xff\xfe\x00", "unknown", False),
        (b"VENDORBACKUP", "unknown", False),
        (b'{"a": ', "json", False),
        (zipped(encrypted=False), "zip", True),
        (zipped(encrypted=True), "zip", False),
        (b"PK\x03\x04broken", "zip", False),
    ],
)
def test_formats_are_told_by_content(body: bytes, kind: str, is_open: bool) -> None:
    assert format_of(body) == kind
    assert exported(exchange(body), {"file": "x"}).open is is_open


@pytest.mark.parametrize(
    ("code", "fine"),
    [("Cel", True), ("m/s", True), ("ug/m3", True), ("mm", True), ("%", True), ("W/m2", True), ("{Fahrzeuge}", True),
     ("/h", True), ("10*3", True), ("Grad", False), ("°C", False), ("µg/m³", False), ("", False), ("Stück", False)],
)  # fmt: skip
def test_units_of_ucum(code: str, fine: bool) -> None:
    assert is_ucum(code) is fine


@pytest.mark.parametrize(
    ("expression", "free"),
    [("MIT", True), ("MIT OR Proprietary", True), ("MIT AND Proprietary", False), ("(EUPL-1.2)", True), ("", False),
     ("GPL-2.0-or-later WITH Classpath-exception-2.0", True), ("LicenseRef-X", False), ("BUSL-1.1", False),
     ("Proprietary WITH GPL-3.0-only", False)],
)  # fmt: skip
def test_free_licences(expression: str, free: bool) -> None:
    assert is_free(expression) is free


@pytest.mark.parametrize(
    ("text", "word", "there"),
    [
        ("Format: CSV.", "csv", True),
        ("CSVs", "csv", False),
        ("SensorThings 1.1", "1.1", True),
        ("a  b", "a b", True),
    ],
)
def test_words_are_found_as_such(text: str, word: str, there: bool) -> None:
    assert names(text, word) is there


def test_ids_of_requirements() -> None:
    assert is_requirement("exit.export.complete, oparl.system.licence-present")
    assert not is_requirement("offen und modern")
    assert not is_requirement("")


def description(**operation: Any) -> Description:
    paths = {"/Things": {"get": operation}, "/Things({id})": {"get": {}}}
    return Description(exchange(b""), {"openapi": "3.1.0", "paths": paths}, ("/v1.1",))


def test_operations_are_found_by_address() -> None:
    known = description()
    assert known.operation("https://a.example/v1.1/Things") is not None
    assert known.operation("https://a.example/v1.1/Things?$top=1") is not None
    assert known.operation("https://a.example/v1.1/Things(17)") is not None
    assert known.operation("https://a.example/v1.1/Sensors") is None
    assert known.operation("https://a.example/Things") is None
    assert known.operation("https://a.example/v1.1/Things", "post") is None


def test_what_a_request_needs_is_read_from_the_description() -> None:
    parameters = [
        {"name": "X-Key", "in": "header", "required": True, "example": "abc"},
        {"name": "f", "in": "query", "required": True, "schema": {"default": "json"}},
        {"name": "limit", "in": "query"},
    ]
    operation = description(parameters=parameters).operation("https://a.example/v1.1/Things")
    assert operation is not None
    assert needed(operation) == ((("X-Key", "abc"),), (("f", "json"),))


@pytest.mark.parametrize(
    ("data", "onward", "total"),
    [
        ({"value": [], "@iot.nextLink": "https://a.example/2", "@iot.count": 7}, "https://a.example/2", 7),
        (
            {"features": [], "links": [{"rel": "next", "href": "?o=2"}], "numberMatched": 9},
            "https://a.example/x?o=2",
            9,
        ),
        (
            {"data": [], "links": {"next": "/p2"}, "pagination": {"totalElements": 3}},
            "https://a.example/p2",
            3,
        ),
        ([], "", None),
        ({"value": [], "@iot.count": True}, "", None),
    ],
)
def test_lists_of_several_standards_are_walked(data: Any, onward: str, total: int | None) -> None:
    assert next_of(data, "https://a.example/x") == onward
    assert total_of(data) == total


def test_members_and_identifiers() -> None:
    thing = {"@iot.id": 0, "name": "a", "Datastreams@iot.navigationLink": "x", "links": []}
    assert id_of(thing) == "0"
    assert members(thing) == {"name"}
    assert id_of({"id": True}) == ""
    assert list(links_in(thing, "https://a.example/v1.1/Things")) == ["https://a.example/v1.1/x"]
    assert entity_kinds({"value": [{"name": "Things", "url": "x"}, 3]}) == ("Things",)
    assert entity_kinds({"collections": [{"id": "trees"}]}) == ("trees",)


def test_positions_of_any_geometry() -> None:
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4, 5]]]}}
    assert list(positions(feature)) == [(1.0, 2.0), (3.0, 4.0)]
    assert list(positions({"type": "GeometryCollection", "geometries": [{"coordinates": [7, 8]}]})) == [
        (7.0, 8.0)
    ]
