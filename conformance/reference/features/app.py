"""The store as a WSGI application: collections of features, each kept as the JSON text that came."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote

import shapely
from shapely.geometry import shape

Answer = tuple[int, Any, dict[str, str]]

_REASONS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 404: "Not Found"}
_REASONS |= {405: "Method Not Allowed", 409: "Conflict"}
_JSON, _GEOJSON = "application/json", "application/geo+json"
_CLASSES = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
_WRITING = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS features (number INTEGER PRIMARY KEY, collection TEXT, key TEXT, text TEXT,"
    " UNIQUE (collection, key))"
)


class Shelf:
    """The features of all collections in the order in which they came, in a file or in memory."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute(_TABLE)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a query gives."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def put(self, collection: str, key: str, text: str) -> bool:
        """Keep a new feature; False if the collection has one of this key."""
        query = "INSERT OR IGNORE INTO features (collection, key, text) VALUES (?, ?, ?) RETURNING number"
        return bool(self.ask(query, collection, key, text))


class FeatureStore:
    """Collections by name, each a sequence of features as JSON texts.

    ``writable`` offers Part 4; ``size`` features a page, ``most`` if more are asked for. A posted feature keeps its id
    if it has one that is free, otherwise the store gives one. With ``path`` what is kept outlives the process.
    """

    def __init__(
        self,
        collections: Mapping[str, Iterable[str]],
        *,
        writable: bool = True,
        size: int = 10,
        most: int = 10_000,
        path: Path | None = None,
    ) -> None:
        self._writable, self._size, self._most = writable, size, most
        self._names = tuple(collections)
        self._kept = Shelf(path)
        for name, texts in collections.items():
            for number, text in enumerate(texts, 1):
                self._kept.put(name, _key(json.loads(text)) or str(number), text)

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        """Answer one request (PEP 3333)."""
        base = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
        path = [
            unquote(step) for step in str(environ["PATH_INFO"]).encode("latin-1").decode().split("/") if step
        ]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = {name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        status, told, headers = self._answer(environ["REQUEST_METHOD"], path, query, body, base)
        data = b"" if told is None else (told if isinstance(told, str) else json.dumps(told)).encode()
        headers = {"Content-Type": _JSON, "Content-Length": str(len(data)), **headers}
        start_response(f"{status} {_REASONS[status]}", [*headers.items()])
        return iter([data])

    def _answer(
        self, method: str, path: list[str], query: Mapping[str, str], body: bytes, base: str
    ) -> Answer:
        if method in ("GET", "HEAD"):
            return self._read(path, query, base)
        if not self._writable or len(path) not in (3, 4) or path[0] != "collections":
            return _problem(405, "not offered")
        if path[1] not in self._names:
            return _problem(404, "no such collection")
        return self._write(method, path, body, base)

    # reading --------------------------------------------------------------------------------------

    def _read(self, path: list[str], query: Mapping[str, str], base: str) -> Answer:
        if not path:
            return 200, _landing(base), {}
        if path == ["conformance"]:
            return 200, {"conformsTo": [*_CLASSES, *([_WRITING] if self._writable else [])]}, {}
        if path == ["collections"]:
            listed = [_collection(name, base) for name in self._names]
            return 200, {"collections": listed, "links": [_link(f"{base}/collections", "self")]}, {}
        if path[0] != "collections" or path[1] not in self._names:
            return _problem(404, "no such resource")
        if len(path) == 2:
            return 200, _collection(path[1], base), {}
        if path[2:] == ["items"]:
            return self._page(path[1], query, base)
        found = self._text(path[1], "/".join(path[3:])) if path[2] == "items" else None
        return (200, found, {"Content-Type": _GEOJSON}) if found else _problem(404, "no such feature")

    def _text(self, name: str, key: str) -> str | None:
        rows = self._kept.ask("SELECT text FROM features WHERE collection = ? AND key = ?", name, key)
        return str(rows[0][0]) if rows else None

    def _page(self, name: str, query: Mapping[str, str], base: str) -> Answer:
        limit, offset = query.get("limit", str(self._size)), query.get("offset", "0")
        if not limit.isdigit() or not offset.isdigit() or int(limit) < 1:
            return _problem(400, "limit and offset are positive numbers")
        size, begin = min(int(limit), self._most), int(offset)
        box = query.get("bbox", "")
        try:
            total, shown = self._within(name, box, begin, size) if box else self._all(name, begin, size)
        except ValueError:
            return _problem(400, "bbox is four or six numbers")
        items = f"{base}/collections/{quote(name, safe='')}/items"
        same = f"{items}?limit={size}" + (f"&bbox={quote(box, safe=',')}" if box else "")
        links = [_link(f"{same}&offset={begin}", "self", _GEOJSON)]
        if begin + size < total:
            links.append(_link(f"{same}&offset={begin + size}", "next", _GEOJSON))
        head = f'"type": "FeatureCollection", "numberMatched": {total}, "numberReturned": {len(shown)}'
        text = f'{{{head}, "links": {json.dumps(links)}, "features": [{", ".join(shown)}]}}'
        return 200, text, {"Content-Type": _GEOJSON}

    def _all(self, name: str, begin: int, size: int) -> tuple[int, list[str]]:
        total = self._kept.ask("SELECT count(*) FROM features WHERE collection = ?", name)[0][0]
        part = "SELECT text FROM features WHERE collection = ? ORDER BY number LIMIT ? OFFSET ?"
        return total, [str(row[0]) for row in self._kept.ask(part, name, size, begin)]

    def _within(self, name: str, box: str, begin: int, size: int) -> tuple[int, list[str]]:
        """Features whose geometry meets the box (Part 1, 7.15.3); those without a geometry are in every box."""
        numbers = [float(each) for each in box.split(",")]
        if len(numbers) not in (4, 6):
            raise ValueError(box)
        west, south, *_, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        boxes = shapely.union_all([shapely.box(a, south, b, north) for a, b in spans])
        everything = self._kept.ask("SELECT text FROM features WHERE collection = ? ORDER BY number", name)
        found = [str(text) for (text,) in everything if _meets(json.loads(text).get("geometry"), boxes)]
        return len(found), found[begin : begin + size]

    # writing --------------------------------------------------------------------------------------

    def _write(self, method: str, path: list[str], body: bytes, base: str) -> Answer:
        name, key = path[1], "/".join(path[3:])
        there = bool(key) and self._text(name, key) is not None
        if method == "DELETE" and key:
            self._kept.ask("DELETE FROM features WHERE collection = ? AND key = ?", name, key)
            return (204, None, {}) if there else _problem(404, "no such feature")
        try:
            text = body.decode()
            feature = json.loads(text)
        except ValueError:
            return _problem(400, "not JSON")
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            return _problem(400, "not a feature")
        if method == "PUT" and there:
            self._kept.ask("UPDATE features SET text = ? WHERE collection = ? AND key = ?", text, name, key)
            return 204, None, {}
        return (
            _problem(405, "not offered")
            if method != "POST" or key
            else self._create(name, text, feature, base)
        )

    def _create(self, name: str, text: str, feature: Mapping[str, Any], base: str) -> Answer:
        key = _key(feature)
        if not key:
            last = self._kept.ask("SELECT coalesce(max(number), 0) FROM features")[0][0]
            key = f"f{last + 1}"
            text = f'{{"id": {json.dumps(key)}, {text.strip()[1:]}'
        if not self._kept.put(name, key, text):
            return _problem(409, f"there is a feature {key} already")
        return (
            201,
            None,
            {"Location": f"{base}/collections/{quote(name, safe='')}/items/{quote(key, safe='')}"},
        )


def _meets(geometry: Any, boxes: shapely.Geometry) -> bool:
    return geometry is None or bool(shape(geometry).intersects(boxes))


def _key(feature: Mapping[str, Any]) -> str:
    return "" if feature.get("id") is None else str(feature["id"])


def _landing(base: str) -> dict[str, Any]:
    links = [_link(base + "/", "self"), _link(f"{base}/conformance", "conformance")]
    return {"title": "Feature store", "links": [*links, _link(f"{base}/collections", "data")]}


def _collection(name: str, base: str) -> dict[str, Any]:
    items = f"{base}/collections/{quote(name, safe='')}/items"
    return {"id": name, "title": name, "itemType": "feature", "links": [_link(items, "items", _GEOJSON)]}


def _link(href: str, rel: str, media_type: str = _JSON) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type}


def _problem(status: int, text: str) -> Answer:
    return status, {"code": str(status), "description": text}, {}
