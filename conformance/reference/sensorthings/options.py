"""Query options: $filter, $count, $orderby, $skip, $top, $expand, $select, $resultFormat (clause 9.3)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_plus

from conformance.reference.sensorthings.model import KINDS, Kind
from conformance.reference.sensorthings.parser import Node, parse_filter, parse_orderby
from conformance.reference.sensorthings.problems import bad, unsupported

_WHOLE = re.compile("[0-9]{1,18}")
_NAMES = (
    "$filter",
    "$count",
    "$orderby",
    "$skip",
    "$top",
    "$expand",
    "$select",
    "$resultFormat",
    "$skiptoken",
)
_NESTED = frozenset(_NAMES[:7])
CONTROL = {
    "id": "@iot.id",
    "@iot.id": "@iot.id",
    "selfLink": "@iot.selfLink",
    "@iot.selfLink": "@iot.selfLink",
}


@dataclass(frozen=True, slots=True)
class Options:
    """The query options of a request, or of one navigation property in $expand."""

    said: tuple[tuple[str, str], ...] = ()  # as they came, to be said again in a nextLink
    filter: Node | None = None
    orderby: tuple[tuple[Node, bool], ...] = ()
    skip: int = 0
    top: int | None = None
    count: bool = False
    select: tuple[str, ...] | None = None
    expand: Mapping[str, "Options"] = field(default_factory=dict)
    data_array: bool = False
    token: str = ""


def pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query string, in order."""
    found = []
    for each in query.split("&"):
        if each:
            name, _, value = each.partition("=")
            found.append((_decoded(name), _decoded(value)))
    return found


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError as error:
        raise bad("The query is not percent-encoded UTF-8.") from error


@lru_cache(maxsize=1024)
def read(query: str, kind: str) -> Options:
    """The options of a query string for an entity set."""
    given: dict[str, str] = {}
    for name, value in pairs(query):
        if not name.startswith("$"):
            continue
        if name not in _NAMES:
            raise unsupported(f"The query option {name} is not supported.")
        if name in given:
            raise bad(f"{name} is given twice.")
        given[name] = value
    return _options(given, KINDS[kind])


def _options(given: Mapping[str, str], kind: Kind) -> Options:
    return Options(
        said=tuple(given.items()),
        filter=parse_filter(given["$filter"]) if "$filter" in given else None,
        orderby=tuple(parse_orderby(given["$orderby"])) if "$orderby" in given else (),
        skip=_whole("$skip", given["$skip"]) if "$skip" in given else 0,
        top=_whole("$top", given["$top"]) if "$top" in given else None,
        count=_truth(given.get("$count", "false")),
        select=_select(given["$select"], kind) if "$select" in given else None,
        expand=_expand(given["$expand"], kind) if "$expand" in given else {},
        data_array=_format(given.get("$resultFormat"), kind),
        token=given.get("$skiptoken", ""),
    )


def _whole(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise bad(f"{name} needs a whole number from 0 on, not {text!r}.")
    return int(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise bad(f"$count is either true or false, not {text!r}.")
    return text == "true"


def _format(text: str | None, kind: Kind) -> bool:
    if text is None:
        return False
    if text != "dataArray" or kind.name != "Observations":
        raise bad("$resultFormat knows dataArray, for Observations.")
    return True


def _select(text: str, kind: Kind) -> tuple[str, ...]:
    found = tuple(each.strip() for each in text.split(","))
    for name in found:
        if name not in kind.properties and name not in kind.links and name not in CONTROL:
            raise bad(f"$select: {kind.name} have no property {name!r}.")
    return found


def _expand(text: str, kind: Kind) -> dict[str, Options]:
    found: dict[str, Options] = {}
    for each in _split(text, ","):
        path, given = _parenthesised(each.strip())
        _add(found, path.split("/"), given, kind)
    return found


def _add(found: dict[str, Options], path: list[str], given: Mapping[str, str], kind: Kind) -> None:
    """Add one path of navigation properties; the options belong to the last of them."""
    name = path[0].strip()
    link = kind.links.get(name)
    if link is None:
        raise bad(f"$expand: {kind.name} have no navigation property {name!r}.")
    target = KINDS[link.target]
    if len(path) == 1:
        options = _options(given, target)
        before = found.get(name)
        if before is not None:  # said twice: as itself and as the beginning of a path
            options = _with(options if options.said else before, {**before.expand, **options.expand})
        found[name] = options
        return
    before = found.get(name, Options())
    inner = dict(before.expand)
    _add(inner, path[1:], given, target)
    found[name] = _with(before, inner)


def _with(options: Options, expand: Mapping[str, Options]) -> Options:
    said = tuple(pair for pair in options.said if pair[0] != "$expand")
    written = ",".join(_written(name, inner) for name, inner in expand.items())
    return Options(
        (*said, ("$expand", written)),
        options.filter,
        options.orderby,
        options.skip,
        options.top,
        options.count,
        options.select,
        expand,
    )


def _written(name: str, options: Options) -> str:
    inner = ";".join(f"{key}={value}" for key, value in options.said)
    return f"{name}({inner})" if inner else name


def _parenthesised(text: str) -> tuple[str, dict[str, str]]:
    """The path of an item of $expand and the options in its parentheses."""
    path, opened, rest = text.partition("(")
    if not opened:
        return path, {}
    if not rest.endswith(")"):
        raise bad(f"$expand: the parentheses of {text!r} do not close.")
    given: dict[str, str] = {}
    for each in _split(rest[:-1], ";"):
        name, equals, value = each.partition("=")
        name = name.strip()
        if not equals or name not in _NESTED:
            raise bad(f"$expand: {each!r} is no query option that is possible there.")
        if name in given:
            raise bad(f"$expand: {name} is given twice.")
        given[name] = value.strip()
    return path, given


def _split(text: str, sign: str) -> Iterator[str]:
    """The parts between signs that are neither inside parentheses nor inside quotes."""
    depth, quoted, start = 0, False, 0
    for at, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted:
            depth += (character == "(") - (character == ")")
            if depth < 0:
                raise bad(f"There is one parenthesis too many in {text!r}.")
            if character == sign and depth == 0:
                yield text[start:at]
                start = at + 1
    if depth or quoted:
        raise bad(f"Parentheses or quotes do not close in {text!r}.")
    yield text[start:]
