"""The action API of CKAN: one envelope for everything, search with pages and filters, single datasets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.checks import (
    CantTell,
    Look,
    TooLittle,
    Unavailable,
    check,
    expect,
    observation,
)
from conformance.engines.documents import answer, parse_json, shown
from conformance.engines.portals import Discovery
from conformance.model import Exchange, FaultOwner, Subject, Text, literal, say
from conformance.session.http import Http
from conformance.standards.open_data_portal.asking import Asked, ask, ask_each, expect_status, stated_status

JSON = "application/json"
ROWS = 100  # datasets per page of a search
SEARCH_PAGES = 30  # pages of a search that are followed
CAP = 1000  # ckan.search.rows_max by default
NO_SUCH = "conformance-no-such-id"
LISTS = ("package_list", "organization_list", "group_list", "tag_list", "license_list")
FIELDS = ("id", "name", "title", "state", "resources", "metadata_modified")
FACET = quote('["license_id"]', safe="")
_NAME = re.compile(r"[a-z0-9_-]{2,100}")


@dataclass(frozen=True, slots=True)
class Package:
    """A dataset as the API shows it, and where."""

    exchange: Exchange
    data: Mapping[str, Any]
    pointer: str

    @property
    def id(self) -> str:
        return _string(self.data.get("id"))

    @property
    def name(self) -> str:
        return _string(self.data.get("name"))

    @property
    def modified(self) -> str:
        return _string(self.data.get("metadata_modified"))

    @property
    def iri(self) -> str:
        """The IRI that the dataset was given elsewhere, if it states one."""
        return _string(self.data.get("uri")) or self.extra_of("uri")

    @property
    def resources(self) -> tuple[Mapping[str, Any], ...]:
        found = self.data.get("resources")
        return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()

    def extra_of(self, key: str) -> str:
        """The value of an extra; "" if there is none."""
        extras = self.data.get("extras")
        pairs = [e for e in extras if isinstance(e, dict)] if isinstance(extras, list) else []
        return next((_string(e.get("value")) for e in pairs if e.get("key") == key), "")


@dataclass(frozen=True, slots=True)
class Search:
    """The datasets of package_search, page by page; ``complete`` if all pages were followed."""

    packages: tuple[Package, ...]
    count: int
    complete: bool
    exchanges: tuple[Exchange, ...]
    fault: Unavailable | None = None

    def available(self) -> Search:
        """The search itself, if it gave anything; else what kept us from it is raised."""
        if self.fault is not None and not self.exchanges:
            raise self.fault
        return self


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def action(http: Http, root: str, name: str, query: str = "") -> Exchange:
    """The answer of a read action."""
    return http.get(f"{root}/api/3/action/{name}" + (f"?{query}" if query else ""), accept=JSON)


def result_of(exchange: Exchange) -> Any:
    """What an action gave; unavailable if it did not succeed."""
    data = parse_json(exchange).data
    if answer(exchange).status != 200 or not isinstance(data, dict) or data.get("success") is not True:
        raise Unavailable(
            say("{u} liefert kein Ergebnis.", "{u} gives no result.", u=exchange.url),
        )
    return data.get("result")


def count_of(asked: Asked[Any]) -> int | None:
    """How many datasets a search found; None if it does not say."""
    try:
        found = result_of(asked.exchange)
    except Unavailable:
        return None
    count = found.get("count") if isinstance(found, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None


# --- observations ----------------------------------------------------------------------------------------


@observation(requests=len(LISTS))
def lists(http: Http, discovery: Discovery) -> dict[str, Asked[str]]:
    """The actions that list names."""
    asked = ask_each(LISTS, lambda name: action(http, discovery.root, name))
    return {one.about: one for one in asked}


@observation(requests=2)
def counted(http: Http, discovery: Discovery) -> tuple[Asked[str], ...]:
    """A search for everything that asks for no dataset, and for one."""
    return ask_each(("0", "1"), lambda rows: action(http, discovery.root, "package_search", f"rows={rows}"))


@observation(requests=SEARCH_PAGES)
def searched(http: Http, discovery: Discovery, counted: tuple[Asked[str], ...], subject: Subject) -> Search:
    """All datasets by search, in pages small enough that there are several."""
    found: list[Package] = []
    exchanges: list[Exchange] = []
    total = 0
    try:
        total = _total(counted[0])
        rows = max(1, min(ROWS, -(-total // 3)))
        while len(exchanges) * rows < total and len(exchanges) < min(SEARCH_PAGES, subject.limits.pages):
            query = f"rows={rows}&start={len(exchanges) * rows}&sort=id%20asc"
            exchange = action(http, discovery.root, "package_search", query)
            found += packages_in(exchange)
            exchanges.append(exchange)
    except Unavailable as fault:
        return Search(tuple(found), total, False, tuple(exchanges), fault)
    return Search(tuple(found), total, len(exchanges) * rows >= total, tuple(exchanges))


def _total(asked: Asked[str]) -> int:
    result_of(asked.exchange)
    total = count_of(asked)
    if total is None:
        raise Unavailable(say("package_search nennt keine Zahl.", "package_search states no count."))
    return total


def packages_in(exchange: Exchange) -> list[Package]:
    """The datasets that a search found; unavailable if it did not succeed."""
    result = result_of(exchange)
    entries = result.get("results") if isinstance(result, dict) else None
    if not isinstance(entries, list):
        raise Unavailable(say("{u} hat keine Ergebnisse.", "{u} has no results.", u=exchange.url))
    return [
        Package(exchange, e, f"/result/results/{i}") for i, e in enumerate(entries) if isinstance(e, dict)
    ]


@observation(requests=2)
def single(http: Http, discovery: Discovery, searched: Search) -> tuple[Asked[str], ...]:
    """The first dataset by its id and by its name."""
    asked = [value for one in searched.packages[:1] for value in (one.id, one.name) if value]
    return ask_each(
        asked, lambda value: action(http, discovery.root, "package_show", f"id={quote(value, safe='')}")
    )


@observation(requests=2)
def belonging(http: Http, discovery: Discovery, searched: Search) -> dict[str, Asked[str]]:
    """A resource and an organization of the first datasets that have one."""
    resources = [r for package in searched.packages for r in package.resources if _string(r.get("id"))]
    owners = [name for package in searched.packages if (name := _organization(package))]
    asked = {"resource_show": _string(resources[0].get("id"))} if resources else {}
    asked |= {"organization_show": owners[0]} if owners else {}
    found = ask_each(
        asked, lambda name: action(http, discovery.root, name, f"id={quote(asked[name], safe='')}")
    )
    return {one.about: one for one in found}


def _organization(package: Package) -> str:
    entry = package.data.get("organization")
    return _string(entry.get("name")) if isinstance(entry, dict) else ""


# --- actions ----------------------------------------------------------------------------------------------


@check("open-data-portal.action.status-show")
def status_show(ckan_signs: tuple[Asked[str], ...]) -> Iterator[Look]:
    """What software in which version is running."""
    yield _gives(ckan_signs[0].exchange, dict)


@check("open-data-portal.action.package-list")
def package_list(lists: dict[str, Asked[str]]) -> Iterator[Look]:
    """The names of all datasets."""
    yield _gives(lists["package_list"].exchange, list)


@check("open-data-portal.action.package-search")
def package_search(counted: tuple[Asked[str], ...]) -> Iterator[Look]:
    """Search, with a count and results."""
    for asked in counted:
        yield _gives(asked.exchange, dict, "count", "results")


@check("open-data-portal.action.package-show")
def package_show(single: tuple[Asked[str], ...]) -> Iterator[Look]:
    """A dataset with everything about it."""
    for asked in single[:1]:
        yield _gives(asked.exchange, dict, "id")


@check("open-data-portal.action.resource-show")
def resource_show(belonging: dict[str, Asked[str]]) -> Iterator[Look]:
    """A file or service of a dataset."""
    if "resource_show" in belonging:
        yield _gives(belonging["resource_show"].exchange, dict, "id")


@check("open-data-portal.action.organization-list")
def organization_list(lists: dict[str, Asked[str]]) -> Iterator[Look]:
    """The names of all organizations."""
    yield _gives(lists["organization_list"].exchange, list)


@check("open-data-portal.action.organization-show")
def organization_show(belonging: dict[str, Asked[str]]) -> Iterator[Look]:
    """An organization."""
    if "organization_show" in belonging:
        yield _gives(belonging["organization_show"].exchange, dict, "id")


@check("open-data-portal.action.group-list")
def group_list(lists: dict[str, Asked[str]]) -> Iterator[Look]:
    """The names of all groups."""
    yield _gives(lists["group_list"].exchange, list)


@check("open-data-portal.action.tag-list")
def tag_list(lists: dict[str, Asked[str]]) -> Iterator[Look]:
    """All tags."""
    yield _gives(lists["tag_list"].exchange, list)


@check("open-data-portal.action.license-list")
def license_list(lists: dict[str, Asked[str]]) -> Iterator[Look]:
    """All licences with their names and addresses."""
    yield _gives(lists["license_list"].exchange, list)


def _gives(exchange: Exchange, kind: type, *members: str) -> Look:
    fault = _fault(exchange, kind, members)
    return expect(
        fault is None,
        exchange,
        expected=say(
            "Status 200, JSON mit success true und {k} als result",
            "status 200, JSON with success true and {k} as result",
            k=say("einer Liste", "a list") if kind is list else say("einem Objekt", "an object"),
        ),
        got=fault or "",
    )


def _fault(exchange: Exchange, kind: type, members: Iterable[str]) -> Text | None:
    response = answer(exchange)
    if response.status != 200 or response.media_type != JSON:
        return stated_status(exchange)
    try:
        data = parse_json(exchange).data
    except Unavailable as fault:
        if fault.owner is not FaultOwner.SUBJECT:
            raise
        return fault.text
    if not isinstance(data, dict) or data.get("success") is not True:
        return literal(shown(data, 120))
    result = data.get("result")
    if not isinstance(result, kind):
        return literal(f"result: {shown(result, 80)}")
    missing = [name for name in members if isinstance(result, dict) and name not in result]
    return say("ohne {m}", "without {m}", m=", ".join(missing)) if missing else None


# --- the envelope -------------------------------------------------------------------------------------------


@observation()
def action_answers(
    ckan_signs: tuple[Asked[str], ...],
    lists: dict[str, Asked[str]],
    counted: tuple[Asked[str], ...],
    single: tuple[Asked[str], ...],
    belonging: dict[str, Asked[str]],
) -> tuple[Exchange, ...]:
    """Every answer of a read action, each once."""
    every = [*ckan_signs[:1], *lists.values(), *counted, *single, *belonging.values()]
    found = {asked.exchange.id: asked.exchange for asked in every if asked.answered}
    return tuple(found.values())


@check("open-data-portal.envelope.complete")
def envelope_complete(action_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """Every successful answer has help, success and result."""
    for exchange in action_answers:
        data = object_of(exchange) if answer(exchange).status == 200 else None
        if data is None:
            continue
        missing = [name for name in ("help", "success", "result") if name not in data]
        missing += ["success"] if "success" in data and not isinstance(data["success"], bool) else []
        yield expect(
            not missing,
            exchange,
            expected=literal("help, success, result"),
            got=say("ohne brauchbares {m}", "without usable {m}", m=", ".join(missing)),
        )


def object_of(exchange: Exchange) -> dict[str, Any] | None:
    """The JSON object in an answer; None if there is none."""
    try:
        data = parse_json(exchange).data
    except Unavailable:
        return None
    return data if isinstance(data, dict) else None


@observation(requests=1)
def unknown_package(http: Http, discovery: Discovery) -> Asked[str]:
    """A dataset that no portal has."""
    return ask(NO_SUCH, lambda: action(http, discovery.root, "package_show", f"id={NO_SUCH}"))


@check("open-data-portal.envelope.errors")
def envelope_errors(unknown_package: Asked[str]) -> Iterator[Look]:
    """What does not exist is reported with 404, success false and the type of the error."""
    exchange = unknown_package.exchange
    data = object_of(exchange) or {}
    error = data.get("error")
    kind = error.get("__type") if isinstance(error, dict) else None
    right = (
        answer(exchange).status == 404
        and data.get("success") is False
        and bool(kind)
        and "result" not in data
    )
    yield expect(
        right,
        exchange,
        expected=literal('404 {"success": false, "error": {"__type": "Not Found Error"}}'),
        got=literal(f"{answer(exchange).status} {shown(data, 120)}"),
    )


@observation(requests=1)
def unknown_action(http: Http, discovery: Discovery) -> Asked[str]:
    """An action that CKAN does not have."""
    return ask("unknown", lambda: action(http, discovery.root, "conformance_no_such_action"))


@check("open-data-portal.envelope.unknown-action-rejected")
def unknown_action_rejected(unknown_action: Asked[str]) -> Iterator[Look]:
    """An action that does not exist is a mistake of the client."""
    yield expect_status(unknown_action.exchange, 400, 404)


@observation(requests=1)
def invalid_rows(http: Http, discovery: Discovery) -> Asked[str]:
    """A number of rows that is none."""
    return ask("abc", lambda: action(http, discovery.root, "package_search", "rows=abc"))


@check("open-data-portal.envelope.invalid-parameter-rejected")
def invalid_parameter_rejected(invalid_rows: Asked[str]) -> Iterator[Look]:
    """A wrong value is told to the client."""
    yield expect_status(invalid_rows.exchange, 400, 409)


@check("open-data-portal.envelope.get-allowed")
def get_allowed(action_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """Read actions answer GET, so that links to them can be shared and caches can help."""
    for exchange in action_answers:
        status = answer(exchange).status
        yield expect(
            status not in (405, 501),
            exchange,
            expected=say("eine Antwort auf GET", "an answer to GET"),
            got=say("Status {n}", "status {n}", n=status),
        )


# --- search ---------------------------------------------------------------------------------------------------


@check("open-data-portal.search.count-independent-of-rows")
def count_independent_of_rows(counted: tuple[Asked[str], ...]) -> Iterator[Look]:
    """The count is that of all datasets, however many are asked for."""
    none, one = (result_of(asked.exchange) for asked in counted)
    results = none.get("results") if isinstance(none, dict) else None
    yield expect(
        results == [],
        counted[0].exchange,
        expected=say("keine Datensätze für rows=0", "no datasets for rows=0"),
        got=literal(shown(results, 80)),
        pointer="/result/results",
    )
    counts = [r.get("count") if isinstance(r, dict) else None for r in (none, one)]
    yield expect(
        counts[0] == counts[1] and isinstance(counts[0], int),
        counted[1].exchange,
        expected=literal(f"count {shown(counts[0], 40)}"),
        got=literal(f"count {shown(counts[1], 40)}"),
        pointer="/result/count",
    )


@check("open-data-portal.search.pages-complete")
def pages_complete(searched: Search) -> Iterator[Look]:
    """Walking with start and rows gives every dataset once."""
    if len(searched.available().exchanges) < 2:
        raise TooLittle(say("Es gibt nur eine Seite.", "There is one page only."))
    ids = [package.id for package in searched.packages]
    twice = sorted({one for one in ids if one and ids.count(one) > 1}) if len(ids) != len(set(ids)) else []
    yield expect(
        not twice,
        searched.exchanges[-1],
        expected=say("jeder Datensatz einmal", "every dataset once"),
        got=say("{n} mehrfach", "{n} repeatedly", n=len(twice)),
        pointer=(twice or [""])[0],
    )
    if not searched.complete:
        raise searched.fault or CantTell(
            say(
                "Nur {n} Seiten der Suche wurden gelesen.",
                "Only {n} pages of the search were read.",
                n=len(searched.exchanges),
            )
        )
    yield expect(
        len(set(ids)) >= searched.count or bool(twice),
        searched.exchanges[-1],
        expected=say("{n} Datensätze", "{n} datasets", n=searched.count),
        got=say("{n} Datensätze", "{n} datasets", n=len(set(ids))),
    )


@observation(requests=1)
def many_rows(http: Http, discovery: Discovery) -> Asked[str]:
    """More datasets at once than CKAN gives, of each the id only."""
    return ask("5000", lambda: action(http, discovery.root, "package_search", "rows=5000&fl=id"))


@check("open-data-portal.search.rows-capped")
def rows_capped(many_rows: Asked[str]) -> Iterator[Look]:
    """Who asks for too many gets as many as there may be, not an error."""
    exchange = many_rows.exchange
    data = object_of(exchange) or {}
    result = data.get("result")
    results = result.get("results") if isinstance(result, dict) else None
    number = len(results) if isinstance(results, list) else -1
    yield expect(
        answer(exchange).status == 200 and 0 <= number <= CAP,
        exchange,
        expected=say("Status 200 und höchstens {n} Datensätze", "status 200 and at most {n} datasets", n=CAP),
        got=say(
            "Status {s}, {n} Datensätze",
            "status {s}, {n} datasets",
            s=answer(exchange).status,
            n=max(number, 0),
        ),
    )


@observation(requests=2)
def filtered_search(http: Http, discovery: Discovery, searched: Search) -> tuple[Asked[str], ...]:
    """The search restricted to an organization, and to one that does not exist."""
    owners = [name for package in searched.packages if (name := _organization(package))]
    least = min(set(owners), key=lambda name: (owners.count(name), name), default="")
    asked = [NO_SUCH, least] if least else [NO_SUCH]
    return ask_each(
        asked,
        lambda name: action(
            http, discovery.root, "package_search", f"fq={quote(f'organization:{name}', safe=':')}&rows=10"
        ),
    )


@check("open-data-portal.search.filter-honoured")
def filter_honoured(filtered_search: tuple[Asked[str], ...]) -> Iterator[Look]:
    """With fq only those datasets come that fulfil the condition."""
    for asked in filtered_search:
        packages = packages_in(asked.exchange)
        others = [p for p in packages if _organization(p) != asked.about]
        yield expect(
            not others,
            asked.exchange,
            expected=say("nur Datensätze von {o}", "only datasets of {o}", o=asked.about),
            got=say("{n} andere", "{n} others", n=len(others)),
            pointer=others[0].pointer if others else "",
        )


@observation(requests=2)
def sorted_search(http: Http, discovery: Discovery) -> tuple[Asked[str], ...]:
    """The search sorted by change, in both directions."""
    return ask_each(
        ("asc", "desc"),
        lambda way: action(http, discovery.root, "package_search", f"sort=metadata_modified%20{way}&rows=20"),
    )


@check("open-data-portal.search.sort-honoured")
def sort_honoured(sorted_search: tuple[Asked[str], ...]) -> Iterator[Look]:
    """With sort the datasets come in that order; both directions, since one of them is the default."""
    for asked in sorted_search:
        given = [package.modified for package in packages_in(asked.exchange)]
        if len(set(given)) < 2:
            raise TooLittle(say("Alle Datensätze sind gleich alt.", "All datasets are of the same age."))
        wanted = sorted(given, reverse=asked.about == "desc")
        at = next((i for i, (one, two) in enumerate(zip(given, wanted, strict=True)) if one != two), 0)
        yield expect(
            given == wanted,
            asked.exchange,
            expected=literal(f"metadata_modified {asked.about}: {wanted[at]}"),
            got=literal(given[at]),
            pointer=f"/result/results/{at}/metadata_modified",
        )


@observation(requests=1)
def faceted_search(http: Http, discovery: Discovery) -> Asked[str]:
    """The search with a count per licence."""
    query = f"facet.field={FACET}&rows=0"
    return ask("license_id", lambda: action(http, discovery.root, "package_search", query))


@check("open-data-portal.search.facets-returned")
def facets_returned(faceted_search: Asked[str]) -> Iterator[Look]:
    """Counts per value are returned, and no value is counted more often than there are datasets."""
    exchange = faceted_search.exchange
    result = result_of(exchange)
    facets = result.get("search_facets") if isinstance(result, dict) else None
    facet = facets.get("license_id") if isinstance(facets, dict) else None
    items = facet.get("items") if isinstance(facet, dict) else None
    counts = [i.get("count") for i in items if isinstance(i, dict)] if isinstance(items, list) else None
    total = result.get("count") if isinstance(result, dict) else None
    right = counts is not None and all(
        isinstance(c, int) and isinstance(total, int) and c <= total for c in counts
    )
    yield expect(
        right,
        exchange,
        expected=say("Anzahl je Lizenz in search_facets", "a count per licence in search_facets"),
        got=literal(shown(facets, 120)),
        pointer="/result/search_facets",
    )


@check("open-data-portal.search.package-list-agrees")
def package_list_agrees(lists: dict[str, Asked[str]], counted: tuple[Asked[str], ...]) -> Iterator[Look]:
    """The list of names is about as long as the count of the search."""
    exchange = lists["package_list"].exchange
    given = result_of(exchange)
    count = count_of(counted[0])
    if not isinstance(given, list) or count is None:
        raise CantTell(say("Liste oder Zahl fehlt.", "List or count is missing."))
    room = max(1, count // 100)  # what came or went between the two requests
    yield expect(
        abs(len(given) - count) <= room,
        exchange,
        expected=say("{n} Namen", "{n} names", n=count),
        got=say("{n} Namen", "{n} names", n=len(given)),
        pointer="/result",
    )


# --- datasets ---------------------------------------------------------------------------------------------------


@observation()
def packages_seen(single: tuple[Asked[str], ...], searched: Search) -> tuple[Package, ...]:
    """The datasets of the search, and the one that was looked at alone."""
    found = list(searched.available().packages)
    for asked in single[:1]:
        data = object_of(asked.exchange) if asked.answered else None
        if data is not None and isinstance(data.get("result"), dict):
            found.append(Package(asked.exchange, data["result"], "/result"))
    return tuple(found)


@check("open-data-portal.package.fields-present")
def fields_present(packages_seen: tuple[Package, ...]) -> Iterator[Look]:
    """Every dataset has the fields that harvesters read, and a name that can stand in an address."""
    for package in packages_seen:
        missing = [name for name in FIELDS if package.data.get(name) in (None, "") and name != "resources"]
        missing += [] if isinstance(package.data.get("resources"), list) else ["resources"]
        missing += ["name"] if package.name and not _NAME.fullmatch(package.name) else []
        yield expect(
            not missing,
            package.exchange,
            expected=literal(", ".join(FIELDS)),
            got=say("ohne brauchbares {m}", "without usable {m}", m=", ".join(dict.fromkeys(missing))),
            pointer=package.pointer,
        )


@check("open-data-portal.package.resources-have-url")
def resources_have_url(packages_seen: tuple[Package, ...]) -> Iterator[Look]:
    """Every file or service of a dataset has an address."""
    for package in packages_seen:
        for at, resource in enumerate(package.resources):
            url = _string(resource.get("url")).strip()
            yield expect(
                bool(urlsplit_or_none(url)),
                package.exchange,
                expected=say("eine vollständige Adresse", "an absolute address"),
                got=literal(shown(resource.get("url"), 120)),
                pointer=f"{package.pointer}/resources/{at}/url",
            )


def urlsplit_or_none(url: str) -> str | None:
    """The address if it is absolute."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme and (parts.netloc or parts.scheme not in ("http", "https", "ftp")) else None


@check("open-data-portal.package.name-and-id-agree")
def name_and_id_agree(single: tuple[Asked[str], ...]) -> Iterator[Look]:
    """A dataset is the same whether it is asked for by name or by id."""
    if len(single) < 2:
        raise TooLittle(
            say("Kein Datensatz mit id und name gesehen.", "No dataset with id and name was seen.")
        )
    by_id, by_name = single
    wanted, given = object_of(by_id.exchange) or {}, object_of(by_name.exchange) or {}
    if not isinstance(wanted.get("result"), dict):
        result_of(by_id.exchange)
    yield expect(
        given.get("result") == wanted.get("result"),
        by_name.exchange,
        expected=say("derselbe Datensatz wie unter {i}", "the same dataset as at {i}", i=by_id.about),
        got=stated_status(by_name.exchange)
        if answer(by_name.exchange).status != 200
        else literal(shown(given.get("result"), 80)),
    )
