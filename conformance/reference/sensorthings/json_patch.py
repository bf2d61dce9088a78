"""JSON Patch (RFC 6902) on the properties of an entity."""

from copy import deepcopy
from typing import Any

from conformance.reference.sensorthings.problems import bad

_NEEDS = {
    "add": "value",
    "replace": "value",
    "test": "value",
    "move": "from",
    "copy": "from",
    "remove": "path",
}


def applied(document: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The document after all operations; none is carried out if one cannot be."""
    if not isinstance(operations, list):
        raise bad("A JSON Patch is an array of operations.")
    found: Any = deepcopy(document)
    for operation in operations:
        found = _apply(found, operation)
    if not isinstance(found, dict):
        raise bad("The JSON Patch leaves no entity.")
    return found


def _apply(document: Any, operation: Any) -> Any:
    if not isinstance(operation, dict) or operation.get("op") not in _NEEDS:
        raise bad("An operation of a JSON Patch has an op: add, remove, replace, move, copy or test.")
    name = operation["op"]
    if not isinstance(operation.get("path"), str) or _NEEDS[name] not in operation:
        raise bad(f"The operation {name} lacks its path or its {_NEEDS[name]}.")
    path = _steps(operation["path"])
    if name == "test":
        if not _same(_at(document, path), operation["value"]):
            raise bad(f"The test of {operation['path']} fails: another value is there.")
        return document
    if name in ("move", "copy"):
        source = _steps(operation["from"])
        value = deepcopy(_at(document, source))
        if name == "move":
            document = _removed(document, source)
        return _added(document, path, value)
    if name == "add":
        return _added(document, path, operation["value"])
    _at(document, path)  # has to be there
    if name == "replace" and path and isinstance(parent := _at(document, path[:-1]), dict):
        parent[path[-1]] = operation["value"]  # where it was
        return document
    document = _removed(document, path)
    return document if name == "remove" else _added(document, path, operation["value"])


def _steps(pointer: Any) -> list[str]:
    if pointer == "":
        return []
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise bad(f"{pointer!r} is no JSON Pointer.")
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer[1:].split("/")]


def _at(document: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            raise bad(f"There is nothing at /{'/'.join(path)}.")
    return document


def _added(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _at(document, path[:-1])
    last = path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and (last == "-" or (last.isdecimal() and int(last) <= len(parent))):
        parent.insert(len(parent) if last == "-" else int(last), value)
    else:
        raise bad(f"Nothing can be added at /{'/'.join(path)}.")
    return document


def _removed(document: Any, path: list[str]) -> Any:
    if not path:
        return None
    _at(document, path)
    parent = _at(document, path[:-1])
    if isinstance(parent, dict):
        del parent[path[-1]]
    else:
        del parent[int(path[-1])]
    return document


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON values: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    return bool(one == other)
