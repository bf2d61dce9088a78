"""Reading a platform's OpenAPI document: operations by path, parameters with local references resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote


def resolve(openapi: dict[str, Any], node: Any) -> Any:
    """``node``, or what its local ``$ref`` leads to; an external reference is left as it is (never fetched)."""
    for _ in range(20):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return node
        node = openapi
        for part in reference[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, dict) else None
    return None


def items_parameters(
    openapi: dict[str, Any], name: str | None = None, collection: str | None = None
) -> Iterator[dict[str, Any]]:
    """Query parameters of GET on ``…/collections/{collectionId}/items``; of one name and collection if given."""
    for path, item in _paths(openapi):
        if not _is_items(path, collection):
            continue
        for parameter in _parameters(openapi, item):
            wanted = name is None or parameter.get("name") == name
            if wanted and parameter.get("in") == "query":
                yield parameter


def _paths(openapi: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    paths = openapi.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        if isinstance(item, dict):
            yield path, item


def _is_items(path: str, collection: str | None) -> bool:
    parts = path.strip("/").split("/")
    if len(parts) < 3 or parts[-1] != "items" or parts[-3] != "collections":
        return False
    return collection is None or parts[-2].startswith("{") or unquote(parts[-2]) == collection


def _parameters(openapi: dict[str, Any], item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    operation = item.get("get")
    for holder in (item, operation):
        listed = holder.get("parameters") if isinstance(holder, dict) else None
        for entry in listed if isinstance(listed, list) else ():
            parameter = resolve(openapi, entry)
            if isinstance(parameter, dict):
                yield parameter
