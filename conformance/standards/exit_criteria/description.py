"""The interface description (OpenAPI): which paths it has, and what a request needs according to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.checks import Unavailable, observation
from conformance.engines.documents import answer, parse_json
from conformance.model import Exchange, Headers, Subject, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.files import member, parameter

_VARIABLE = re.compile(r"\\\{[^}]*\\\}")


@dataclass(frozen=True, slots=True)
class Description:
    """An OpenAPI document and the paths below which its operations lie."""

    exchange: Exchange
    data: Mapping[str, Any]
    bases: tuple[str, ...]

    def operation(self, url: str, method: str = "get") -> Mapping[str, Any] | None:
        """The operation that serves an address; None if the description does not know it."""
        path = urlsplit(url).path
        for template, item in self._paths():
            if isinstance(item.get(method), Mapping) and _fits(template, path, self.bases):
                return {**item[method], "parameters": _parameters(item, item[method])}
        return None

    def _paths(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        paths = self.data.get("paths")
        for template, item in sorted(paths.items()) if isinstance(paths, Mapping) else ():
            if isinstance(item, Mapping):
                yield str(template), item


def _fits(template: str, path: str, bases: tuple[str, ...]) -> bool:
    pattern = _VARIABLE.sub("[^/]+", re.escape(template))
    return any(re.fullmatch(re.escape(base.rstrip("/")) + pattern, path.rstrip("/") or "/") for base in bases)


def _parameters(item: Mapping[str, Any], operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = [*_list(item.get("parameters")), *_list(operation.get("parameters"))]
    return [one for one in listed if isinstance(one, Mapping)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def needed(operation: Mapping[str, Any]) -> tuple[Headers, tuple[tuple[str, str], ...]]:
    """Headers and query parameters that the description says are required, with its example or default values."""
    found: dict[str, list[tuple[str, str]]] = {"header": [], "query": []}
    for one in operation["parameters"]:
        where = str(one.get("in"))
        if one.get("required") is True and where in found:
            values = (one.get("example"), member(one, "schema", "example"), member(one, "schema", "default"))
            value = next((each for each in values if each is not None), "")
            found[where].append((str(one.get("name")), str(value)))
    return tuple(found["header"]), tuple(found["query"])


@observation(requests=1)
def description(http: Http, subject: Subject) -> Description:
    """The OpenAPI document at the address in the parameter interface_description."""
    exchange = http.get(parameter(subject, "interface_description"), accept="application/json")
    if answer(exchange).status != 200:
        raise Unavailable(
            say(
                "Die Schnittstellenbeschreibung antwortet mit Status {n}.",
                "The interface description answers with status {n}.",
                n=answer(exchange).status,
            )
        )
    data = parse_json(exchange).data
    if not isinstance(data, Mapping) or not isinstance(data.get("openapi"), str):
        raise Unavailable(
            say("{u} ist kein OpenAPI-Dokument.", "{u} is not an OpenAPI document.", u=exchange.url)
        )
    servers = [one.get("url") for one in _list(data.get("servers")) if isinstance(one, Mapping)]
    bases = tuple(urlsplit(urljoin(exchange.url, str(url))).path for url in servers) or ("",)
    return Description(exchange, data, bases)
