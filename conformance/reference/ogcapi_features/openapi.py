"""The OpenAPI 3.0.3 document of the platform (requirements class OpenAPI 3.0, clause 9)."""

from typing import Any, TypeAlias

from conformance.reference.ogcapi_features.data import COLLECTIONS, Collection, Column
from conformance.reference.ogcapi_features.documents import DESCRIPTION, TITLE
from conformance.reference.ogcapi_features.links import GEOJSON, HTML, JSON, JSON_SCHEMA, OPENAPI
from conformance.reference.ogcapi_features.query import DEFAULT_LIMIT, FORMATS, MAXIMUM_LIMIT

Node: TypeAlias = dict[str, Any]

_ERRORS = {
    "400": "Ein Parameter ist unbekannt oder hat einen ungültigen Wert.",
    "404": "Die Ressource gibt es nicht.",
    "405": "Die Methode wird nicht unterstützt.",
    "406": "Keiner der Medientypen im Kopffeld Accept wird angeboten.",
    "412": "Eine Vorbedingung (If-Match) ist nicht erfüllt.",
    "500": "Der Dienst hat einen Fehler.",
}
_DEPTHS = {
    "Point": 1,
    "LineString": 2,
    "MultiLineString": 3,
    "Polygon": 3,
    "MultiPolygon": 4,
}


def definition(base: str) -> Node:
    """The whole API definition, self-contained (requirements oas-definition-2, completeness)."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "description": DESCRIPTION,
            "version": "1.0.0",
            "contact": {"name": "Amt für Geoinformation", "email": "geodaten@gruenfurt.example"},
            "license": {
                "name": "Datenlizenz Deutschland – Zero – Version 2.0",
                "url": "https://www.govdata.de/dl-de/zero-2-0",
            },
        },
        "servers": [{"url": base or "/", "description": "Dieser Dienst"}],
        "tags": _tags(),
        "paths": _paths(),
        "components": {
            "parameters": _parameters(),
            "headers": _headers(),
            "responses": _responses(),
            "schemas": _schemas(),
        },
    }


def _tags() -> list[Node]:
    general = [
        {"name": "Dienst", "description": "Startseite, Definition, Konformität, Metadaten"},
        {"name": "Objektarten", "description": "Beschreibung der Objektarten"},
    ]
    return general + [{"name": one.title, "description": one.description} for one in COLLECTIONS.values()]


def _ref(kind: str, name: str) -> Node:
    return {"$ref": f"#/components/{kind}/{name}"}


def _paths() -> Node:
    paths: Node = {
        "/": _get("landingPage", "Dienst", "Startseite", {JSON: "LandingPage"}),
        "/api": _get("api", "Dienst", "Definition der Schnittstelle", {OPENAPI: None, JSON: None}),
        "/conformance": _get(
            "conformance", "Dienst", "Konformitätserklärung", {JSON: "Conformance"}
        ),
        "/metadata": _get("metadata", "Dienst", "Metadaten des Dienstes", {JSON: "Metadata"}),
        "/collections": _get(
            "collections", "Objektarten", "Liste der Objektarten", {JSON: "Collections"}
        ),
        "/collections/{collectionId}": _get(
            "collection", "Objektarten", "Eine Objektart", {JSON: "Collection"}, ["collectionId"]
        ),
        "/collections/{collectionId}/schema": _get(
            "schema", "Objektarten", "Schema der Objekte", {JSON_SCHEMA: None, JSON: None},
            ["collectionId"],
        ),
    }  # fmt: skip
    for one in COLLECTIONS.values():
        paths |= _collection_paths(one)
    return paths


def _collection_paths(one: Collection) -> Node:
    items = f"/collections/{one.id}/items"
    names = ["limit", "offset", "bbox", "datetime"]
    filters = [_filter(column) for column in one.filters.values()]
    page = _get(f"{one.id}Items", one.title, "Objekte", {GEOJSON: f"{one.id}Page"}, names)
    page["get"]["parameters"] += filters
    single = _get(f"{one.id}Item", one.title, "Ein Objekt", {GEOJSON: f"{one.id}Feature"})
    single["get"]["parameters"].insert(0, _feature_id(one))
    single["get"]["responses"]["404"] = _ref("responses", "404")
    return {items: page, items + "/{featureId}": single}


def _get(
    operation: str, tag: str, summary: str, schemas: dict[str, str | None],
    parameters: list[str] | None = None,
) -> Node:  # fmt: skip
    names = [*(parameters or []), "f"]
    codes = [code for code in _ERRORS if code != "404" or "collectionId" in names]
    responses = {"200": _success(summary, schemas), "304": _ref("responses", "304")}
    responses |= {code: _ref("responses", code) for code in codes}
    return {
        "get": {
            "operationId": operation,
            "tags": [tag],
            "summary": summary,
            "parameters": [_ref("parameters", name) for name in names],
            "responses": dict(sorted(responses.items())),
        }
    }


def _success(summary: str, schemas: dict[str, str | None]) -> Node:
    content: Node = {
        media_type: {"schema": _ref("schemas", name) if name else {"type": "object"}}
        for media_type, name in schemas.items()
    }
    content[HTML] = {"schema": {"type": "string"}}
    headers = {name: _ref("headers", name) for name in ("ETag", "Link", "Content-Language")}
    return {"description": summary, "headers": headers, "content": content}


def _filter(column: Column) -> Node:
    return {
        "name": column.name,
        "in": "query",
        "description": f"Nur Objekte, deren Eigenschaft „{column.title}“ gleich diesem Wert ist.",
        "required": False,
        "schema": {key: value for key, value in _property(column).items() if key != "nullable"},
        "style": "form",
        "explode": False,
    }


def _feature_id(one: Collection) -> Node:
    return {
        "name": "featureId",
        "in": "path",
        "description": "Kennung des Objekts in seiner Objektart.",
        "required": True,
        "schema": {"type": "string"},
        "example": str(one.features[0].id),
    }


def _query(name: str, description: str, schema: Node) -> Node:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _parameters() -> Node:
    collection_id = {
        "name": "collectionId",
        "in": "path",
        "description": "Kennung der Objektart.",
        "required": True,
        "schema": {"type": "string", "enum": list(COLLECTIONS)},
    }
    return {
        "collectionId": collection_id,
        "f": _query(
            "f",
            "Format der Antwort; geht dem Kopffeld Accept vor.",
            {"type": "string", "enum": list(FORMATS)},
        ),
        "limit": _query(
            "limit",
            "Höchstzahl der Objekte auf einer Seite. Größere Werte als das Maximum gelten als das Maximum.",
            {"type": "integer", "minimum": 1, "maximum": MAXIMUM_LIMIT, "default": DEFAULT_LIMIT},
        ),
        "offset": _query(
            "offset",
            "Zahl der ausgewählten Objekte, die vor dieser Seite liegen.",
            {"type": "integer", "minimum": 0, "default": 0},
        ),
        "bbox": _bbox(),
        "datetime": _query(
            "datetime",
            "Nur Objekte, deren Zeitbezug diesen Zeitpunkt oder dieses Intervall schneidet, sowie "
            "Objekte ohne Zeitbezug. Zeitpunkte und Tage nach RFC 3339; ein Ende eines Intervalls "
            "darf mit zwei Punkten oder leer offen bleiben.",
            {"type": "string"},
        ),
    }


def _bbox() -> Node:
    return _query(
        "bbox",
        "Nur Objekte, deren Geometrie das Rechteck schneidet, sowie Objekte ohne Geometrie. "
        "Westen, Süden, Osten, Norden in WGS 84 (CRS84); mit sechs Zahlen außerdem kleinste und "
        "größte ellipsoidische Höhe an dritter und sechster Stelle (CRS84h). Ist Westen größer "
        "als Osten, reicht das Rechteck über die Datumsgrenze.",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
    )


def _headers() -> Node:
    texts = {
        "ETag": "Kennzeichen des Datenstands dieser Antwort.",
        "Link": "Die Links der Antwort nach RFC 8288.",
        "Content-Language": "Sprache der Antwort.",
        "Allow": "Die unterstützten Methoden.",
    }
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()}


def _responses() -> Node:
    problem = {"application/problem+json": {"schema": _ref("schemas", "Problem")}}
    responses: Node = {code: {"description": text, "content": problem} for code, text in _ERRORS.items()}
    responses["405"]["headers"] = {"Allow": _ref("headers", "Allow")}
    responses["304"] = {
        "description": "Der Datenstand ist noch der, den If-None-Match nennt.",
        "headers": {"ETag": _ref("headers", "ETag")},
    }
    return responses


def _object(properties: Node, required: list[str]) -> Node:
    return {"type": "object", "required": required, "properties": properties}


def _array(items: Node) -> Node:
    return {"type": "array", "items": items}


def _text(**more: Any) -> Node:
    return {"type": "string", **more}


def _schemas() -> Node:
    schemas = _service_schemas() | _collection_schemas()
    for one in COLLECTIONS.values():
        schemas[f"{one.id}Feature"] = _feature_schema(one)
        schemas[f"{one.id}Page"] = _page_schema(one)
    return schemas


def _links() -> Node:
    return _array(_ref("schemas", "Link"))


def _service_schemas() -> Node:
    link = {name: _text() for name in ("rel", "type", "title", "hreflang")}
    texts = {name: _text() for name in ("title", "description", "attribution")}
    contents = {name: _text() for name in ("publisher", "contact", "language", "license")}
    problem = {name: _text() for name in ("type", "title", "detail", "instance")}
    return {
        "Link": _object({"href": _text(format="uri"), **link}, ["href", "rel"]),
        "LandingPage": _object({**texts, "links": _links()}, ["links"]),
        "Conformance": _object(
            {"conformsTo": _array(_text(format="uri")), "links": _links()}, ["conformsTo"]
        ),
        "Metadata": _object(
            {"title": _text(), "description": _text(), **contents, "keywords": _array(_text()),
             "links": _links()},
            ["title", "publisher", "links"],
        ),
        "Problem": _object(
            {**problem, "status": {"type": "integer"}}, ["type", "title", "status"]
        ),
    }  # fmt: skip


def _collection_schemas() -> Node:
    collection = {
        "id": _text(enum=list(COLLECTIONS)),
        "title": _text(),
        "description": _text(),
        "itemType": _text(enum=["feature"]),
        "extent": _ref("schemas", "Extent"),
        "links": _links(),
    }
    bbox = {**_array({"type": "number"}), "minItems": 4, "maxItems": 6}
    moment = _text(format="date-time", nullable=True)
    interval = {**_array(moment), "minItems": 2, "maxItems": 2}
    spatial = {"bbox": {**_array(bbox), "minItems": 1}, "crs": _text(format="uri")}
    temporal = {"interval": {**_array(interval), "minItems": 1}, "trs": _text(format="uri")}
    extent = {"spatial": _object(spatial, ["bbox"]), "temporal": _object(temporal, ["interval"])}
    listed = {"links": _links(), "collections": _array(_ref("schemas", "Collection"))}
    return {
        "Extent": _object(extent, ["spatial"]),
        "Collection": _object(collection, ["id", "links"]),
        "Collections": _object(listed, ["links", "collections"]),
    }


def _property(column: Column) -> Node:
    schema: Node = {"type": column.type, "title": column.title}
    if column.format:
        schema["format"] = column.format
    if column.nullable:
        schema["nullable"] = True
    return schema


def _geometry(one: Collection) -> Node:
    """The geometry of a feature; its coordinates nest as deep as the types demand."""
    shapes = [_shape(name, 3 if one.three_dimensional else 2) for name in one.geometry_types]
    schema = shapes[0] if len(shapes) == 1 else {"type": "object", "oneOf": shapes}
    if any(item.geometry is None for item in one.features):
        schema = {**schema, "nullable": True}
    return schema


def _shape(name: str, dimension: int) -> Node:
    coordinates: Node = {"type": "number"}
    for level in range(_DEPTHS[name]):
        coordinates = _array(coordinates)
        if level == 0:
            coordinates |= {"minItems": dimension, "maxItems": dimension}
    return _object({"type": _text(enum=[name]), "coordinates": coordinates},
                   ["type", "coordinates"])  # fmt: skip


def _feature_schema(one: Collection) -> Node:
    properties = {column.name: _property(column) for column in one.columns}
    identifier = "integer" if isinstance(one.features[0].id, int) else "string"
    members = {
        "type": _text(enum=["Feature"]),
        "id": {"type": identifier},
        "geometry": _geometry(one),
        "properties": _object(properties, list(properties)),
        "links": _links(),
    }
    return _object(members, ["type", "id", "geometry", "properties"])


def _page_schema(one: Collection) -> Node:
    count = {"type": "integer", "minimum": 0}
    members = {
        "type": _text(enum=["FeatureCollection"]),
        "features": _array(_ref("schemas", f"{one.id}Feature")),
        "links": _links(),
        "timeStamp": _text(format="date-time"),
        "numberMatched": count,
        "numberReturned": count,
        "bbox": {**_array({"type": "number"}), "minItems": 4, "maxItems": 6},
    }
    return _object(members, ["type", "features", "links"])
