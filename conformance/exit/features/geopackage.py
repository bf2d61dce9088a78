"""Features as a GeoPackage (OGC 12-128r17), the file that every GIS reads, without losing what they say.

Geometries are standard GeoPackage binary in WGS 84 longitude and latitude; properties are columns (see ``columns``).
What neither can carry as it is lies in JSON columns beside: the id of a feature with its type, members that GeoJSON
does not know, a geometry whose coordinates are no binary numbers or whose positions differ in dimension. Reading
needs SQLite only, and gives the same features again.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

from conformance.errors import UsageError
from conformance.exit.archive import Archive
from conformance.exit.canonical import number_text
from conformance.exit.features.columns import JSON_COLUMN, NULL, Column, columns_for
from conformance.exit.jsontext import decode, encode
from conformance.model import say

GEOMETRY, ROW, ID, MEMBERS, EXACT = "geom", "fid", "feature_id", "feature_members", "geometry_json"
_OWN = (ROW, GEOMETRY, ID, MEMBERS, EXACT)
_APPLICATION, _VERSION = 0x47504B47, 10300  # "GPKG", GeoPackage 1.3
_WGS84 = 4326
_LEFT_OUT = frozenset({"type", "geometry", "properties", "id", "links"})
_MOST = 1900  # columns; SQLite has room for 2000
_BATCH = 1000

_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
 organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
 description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
 srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
 geometry_type_name TEXT NOT NULL,
 srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
 scope TEXT NOT NULL, UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
 description TEXT, mime_type TEXT, constraint_name TEXT, PRIMARY KEY (table_name, column_name));
"""
_SYSTEMS = (
    ("Undefined Cartesian", -1, "NONE", -1, "undefined"),
    ("Undefined geographic", 0, "NONE", 0, "undefined"),
    (
        "WGS 84",
        _WGS84,
        "EPSG",
        _WGS84,
        'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
    ),
)
_SCHEMA = "http://www.geopackage.org/spec/#extension_schema"


def write_geopackage(archive: Archive, path: Path) -> None:
    """Write every collection of an archive of features into a new GeoPackage.

    Raises UsageError if the file is there already or the archive holds no features.
    """
    if path.exists():
        raise UsageError(
            say("{p} gibt es schon.", "{p} exists already.", p=path),
            say("Eine andere Datei angeben.", "Give another file."),
        )
    if archive.standard != "features":
        raise UsageError(
            say("Das Archiv enthält keine Features.", "The archive holds no features."),
            say(
                "Ein GeoPackage entsteht aus OGC API - Features.",
                "A GeoPackage is made from OGC API - Features.",
            ),
        )
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")  # the file counts only once it is whole and renamed
        db.execute("PRAGMA synchronous = OFF")
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.executescript(_TABLES)
        db.execute("BEGIN")
        db.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)", _SYSTEMS)
        for number, kind in enumerate(archive.kinds, 1):
            _write_table(db, archive, kind, _table_name(kind, number))
        db.execute("COMMIT")
    part.replace(path)


class GeoPackage:
    """A GeoPackage for reading: its collections, their features as GeoJSON texts in the order in which they lie there.

    Also reads what other programs wrote: rows without an id get their row number, plain columns are properties. Raises
    UsageError if it is no GeoPackage. To be closed, or used with ``with``.
    """

    def __init__(self, path: Path) -> None:
        self._db = _opened(path)
        rows = self._db.execute(
            "SELECT c.table_name, c.identifier, g.column_name FROM gpkg_contents c JOIN gpkg_geometry_columns g"
            " USING (table_name) WHERE c.data_type = 'features' ORDER BY c.rowid"
        )
        self._tables = {identifier or table: (table, geometry) for table, identifier, geometry in rows}

    @property
    def collections(self) -> tuple[str, ...]:
        """The ids of the collections in it."""
        return tuple(self._tables)

    def features(self, collection: str) -> Iterator[str]:
        """The features of a collection, one after the other."""
        return _features(self._db, *self._tables[collection])

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> GeoPackage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# --- writing --------------------------------------------------------------------------------------


def _write_table(db: sqlite3.Connection, archive: Archive, kind: str, table: str) -> None:
    columns = columns_for(archive.entities(kind), _OWN)[:_MOST]
    held = frozenset(each.property for each in columns)
    own = f"{ROW} INTEGER PRIMARY KEY AUTOINCREMENT, {GEOMETRY} GEOMETRY, {ID} TEXT, {MEMBERS} TEXT, {EXACT} TEXT"
    more = "".join(f", {_quoted(each.name)} {each.sql}" for each in columns)
    db.execute(f"CREATE TABLE {_quoted(table)} ({own}{more})")
    marks = ", ".join("?" * (4 + len(columns)))
    insert = f"INSERT INTO {_quoted(table)} VALUES (NULL, {marks})"  # noqa: S608 - a name of our own, quoted
    extent = _Extent()
    rows: list[tuple[Any, ...]] = []
    for feature in archive.entities(kind):
        rows.append(_row(feature, columns, held, extent))
        if len(rows) == _BATCH:
            db.executemany(insert, rows)
            rows.clear()
    db.executemany(insert, rows)
    _describe(db, kind, table, columns, extent)


def _row(
    feature: Mapping[str, Any], columns: tuple[Column, ...], held: frozenset[str], extent: _Extent
) -> tuple[Any, ...]:
    geometry = feature.get("geometry")
    blob, exact = _geometry(geometry, extent)
    found = feature.get("properties")
    properties = found if isinstance(found, dict) else {}
    rest = {name: value for name, value in feature.items() if name not in _LEFT_OUT}
    unheld = {name: value for name, value in properties.items() if name not in held}
    if unheld or not isinstance(found, dict):
        rest["properties"] = unheld if isinstance(found, dict) else found
    if "geometry" not in feature:
        rest["geometry"] = "missing"
    known = encode(feature["id"]) if feature.get("id") is not None else None
    members = encode(rest) if rest else None
    return (blob, known, members, exact, *(each.stored(properties) for each in columns))


class _Extent:
    """The rectangle around all geometries of a table, and whether any has heights."""

    def __init__(self) -> None:
        self.box: tuple[float, float, float, float] | None = None
        self.z = False

    def add(self, geometry: shapely.Geometry) -> None:
        """Extend it by a geometry."""
        self.z = self.z or bool(geometry.has_z)
        if not geometry.is_empty:
            a, b = geometry.bounds, self.box or geometry.bounds
            self.box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


def _geometry(geometry: Any, extent: _Extent) -> tuple[bytes | None, str | None]:
    """GeoPackage binary, and the GeoJSON itself where that says more."""
    if geometry is None:
        return None, None
    try:
        made = shape(_floats(geometry))
        blob = _header(made) + shapely.to_wkb(made, flavor="iso", byte_order=1)
        same = _plain(mapping(made)) == _plain(geometry)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        OverflowError,
        ShapelyError,
    ):
        return None, encode(geometry)
    extent.add(made)
    return blob, None if same else encode(geometry)


def _header(geometry: shapely.Geometry) -> bytes:
    """The header of a geometry (clause 2.1.3): little endian, with an envelope unless it is empty."""
    if geometry.is_empty:
        return b"GP" + struct.pack("<BBi", 0, 0b0001_0001, _WGS84)
    a, b, c, d = geometry.bounds
    return b"GP" + struct.pack("<BBi4d", 0, 0b0000_0011, _WGS84, a, c, b, d)


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_floats(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


def _plain(value: Any) -> Any:
    """Members as they compare: numbers in one spelling, positions as lists."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return number_text(value) if isinstance(value, int | float | Decimal) else value


def _describe(
    db: sqlite3.Connection, kind: str, table: str, columns: tuple[Column, ...], extent: _Extent
) -> None:
    box = extent.box or (None, None, None, None)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    db.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', ?, ?, ?, ?, ?, ?)",
        (table, kind, now, *box, _WGS84),
    )
    dimension = 2 if extent.z else 0
    place = (table, GEOMETRY, "GEOMETRY", _WGS84, dimension)
    db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, 0)", place)
    db.execute("INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema', ?, 'read-write') "
               "ON CONFLICT DO NOTHING", (_SCHEMA,))  # fmt: skip
    told = [(table, each.name, each.property, "" if each.json else each.null, JSON_COLUMN if each.json else None)
            for each in columns]  # fmt: skip
    told += [(table, name, name, "", JSON_COLUMN) for name in (ID, MEMBERS, EXACT)]
    query = "INSERT INTO gpkg_data_columns VALUES (?, ?, NULL, ?, ?, ?, NULL)"
    db.executemany(query, told)


def _table_name(kind: str, number: int) -> str:
    """A name that every program takes; the id of the collection is the identifier of the contents."""
    plain = "".join(
        each if each.isascii() and (each.isalnum() or each == "_") else "_" for each in kind.lower()
    )
    return f"{plain.strip('_')[:40] or 'collection'}_{number}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- reading --------------------------------------------------------------------------------------


def _opened(path: Path) -> sqlite3.Connection:
    problem: Exception | None = None
    if path.is_file():
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            db.execute("SELECT count(*) FROM gpkg_contents JOIN gpkg_geometry_columns USING (table_name)")
        except sqlite3.DatabaseError as error:
            db.close()
            problem = error
        else:
            return db
    raise UsageError(
        say("{p} ist kein GeoPackage.", "{p} is no GeoPackage.", p=path),
        say("Eine Datei *.gpkg angeben.", "Give a file *.gpkg."),
    ) from problem


def _features(db: sqlite3.Connection, table: str, geometry: str) -> Iterator[str]:
    found = db.execute(f"SELECT * FROM {_quoted(table)} ORDER BY 1")  # noqa: S608 - a name from the file, quoted
    names = [each[0] for each in found.description]
    columns = _columns_of(db, table, {geometry, *_OWN})
    for values in found:
        yield encode(_feature(dict(zip(names, values, strict=True)), names[0], geometry, columns))


def _columns_of(db: sqlite3.Connection, table: str, own: set[str]) -> tuple[Column, ...]:
    told = {}
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_data_columns'").fetchone():
        query = (
            "SELECT column_name, title, description, mime_type FROM gpkg_data_columns WHERE table_name = ?"
        )
        told = {row[0]: row[1:] for row in db.execute(query, (table,))}
    info = db.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    made = []
    for _, name, sql, _, _, key in info:
        title, description, mime = told.get(name, (name, NULL, None))
        if name not in own and not key:
            made.append(
                Column(
                    name,
                    name if title is None else title,
                    sql.upper(),
                    mime == JSON_COLUMN,
                    description or NULL,
                )
            )
    return tuple(made)


def _feature(row: Mapping[str, Any], key: str, geometry: str, columns: tuple[Column, ...]) -> dict[str, Any]:
    rest = decode(row[MEMBERS]) if row.get(MEMBERS) else {}
    properties: Any = {}
    for column in columns:
        there, value = column.read(row[column.name])
        if there:
            properties[column.property] = value
    if "properties" in rest:
        more = rest.pop("properties")
        properties = {**properties, **more} if isinstance(more, dict) else more
    known = decode(row[ID]) if row.get(ID) else None if ID in row else row[key]
    feature: dict[str, Any] = {"type": "Feature"} | ({} if known is None else {"id": known})
    if rest.pop("geometry", None) != "missing":
        feature["geometry"] = decode(row[EXACT]) if row.get(EXACT) else _geojson(row[geometry])
    return {**feature, "properties": properties, **rest}


def _geojson(blob: bytes | None) -> Any:
    """The GeoJSON geometry of a GeoPackage geometry; None for NULL."""
    if blob is None:
        return None
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[(blob[3] >> 1) & 0b111]
    return _decimals(mapping(shapely.from_wkb(blob[8 + envelope :])))


def _decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _decimals(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_decimals(each) for each in value]
    return Decimal(repr(value)) if isinstance(value, float) else value
