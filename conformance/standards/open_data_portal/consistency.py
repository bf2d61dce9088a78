"""The same datasets in RDF and in the action API: as many, with the same titles, files and dates, and only those
that are public."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from conformance.checks import CantTell, Inapplicable, Look, TooLittle, check, expect, observation
from conformance.engines.documents import answer, shown
from conformance.engines.graphs.terms import IRI, LITERAL, Term, string_of
from conformance.engines.portals import Discovery, Page
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.open_data_portal import names
from conformance.standards.open_data_portal.actions import (
    Package,
    Search,
    action,
    count_of,
    object_of,
    packages_in,
)
from conformance.standards.open_data_portal.asking import Asked, ask, ask_each
from conformance.standards.open_data_portal.graphs import graph_of, plain_url, same_site, text_of
from conformance.standards.open_data_portal.observations import Walked

TOLERANCE = timedelta(seconds=1)  # RDF may leave out fractions of a second
RDF_ONLY_SAMPLED = 3  # datasets that only RDF has and that are looked up
CLOCKS = timedelta(minutes=5)  # that the clock of a server may be wrong
_NOT_HARVESTED = "fq=-dataset_type:harvest%20-dataset_type:showcase&rows=0"  # as ckanext-dcat searches


@dataclass(frozen=True, slots=True)
class Pair:
    """A dataset of the API and the same in RDF."""

    package: Package
    page: Page
    node: Term


@observation(requests=1)
def harvestable(http: Http, discovery: Discovery) -> Asked[str]:
    """How many datasets of the API belong into the catalogue."""
    return ask("count", lambda: action(http, discovery.root, "package_search", _NOT_HARVESTED))


@observation()
def pairs(walked: Walked, searched: Search) -> tuple[Pair, ...]:
    """Datasets of the API that are found in RDF, by identifier, by IRI or by the end of the IRI."""
    known: dict[str, tuple[Page, Term]] = {}
    for page in walked.readable:
        graph = graph_of(page)
        for node in page.datasets:
            keys = [text_of(value) for value in graph.values(node, names.IDENTIFIER)]
            keys += (
                [string_of(node), string_of(node).rstrip("/").rpartition("/")[2]] if node[0] == IRI else []
            )
            for key in keys:
                known.setdefault(key, (page, node))
    found = []
    for package in searched.available().packages:
        at = next(
            (known[key] for key in (package.id, package.iri, package.name) if key and key in known), None
        )
        if at is not None:
            found.append(Pair(package, *at))
    return tuple(found)


@check("open-data-portal.consistency.rdf-equals-api")
def rdf_equals_api(
    walked: Walked, searched: Search, harvestable: Asked[str], pairs: tuple[Pair, ...]
) -> Iterator[Look]:
    """RDF and API have the same datasets, with the same titles and the same files."""
    count = count_of(harvestable) if harvestable.answered else None
    if walked.complete and count is not None:
        yield expect(
            abs(walked.size - count) <= count // 100,  # what came or went between the two
            walked.first.exchange,
            expected=say(
                "{n} Datensätze wie in package_search", "{n} datasets as in package_search", n=count
            ),
            got=say("{n} Datensätze", "{n} datasets", n=walked.size),
        )
    for pair in pairs:
        fault = _different(pair)
        yield expect(
            fault is None,
            pair.page.exchange,
            expected=say(
                "Titel und Adressen wie in {n}", "title and addresses as in {n}", n=pair.package.name
            ),
            got=fault or "",
            pointer=string_of(pair.node),
        )
    if not pairs and searched.packages:
        raise CantTell(
            say(
                "Kein Datensatz der API ließ sich in RDF wiederfinden.",
                "No dataset of the API could be found again in RDF.",
            )
        )
    if not walked.complete:
        walked.whole()


def _different(pair: Pair) -> Text | None:
    graph = graph_of(pair.page)
    title = pair.package.data.get("title")
    titles = {" ".join(text_of(value).split()) for value in graph.values(pair.node, names.TITLE)}
    if isinstance(title, str) and titles and " ".join(title.split()) not in titles:
        return say("Titel {t}", "title {t}", t=min(titles))
    distributions = graph.values(pair.node, names.DISTRIBUTION)
    addresses = {
        plain_url(text_of(value))
        for one in distributions
        for value in graph.values(one, names.ACCESS_URL, names.DOWNLOAD_URL)
    }
    urls = [r.get("url") for r in pair.package.resources]
    missing = [url for url in urls if isinstance(url, str) and url and plain_url(url) not in addresses]
    return say("ohne {u}", "without {u}", u=missing[0]) if missing else None


@observation(requests=1)
def private_search(http: Http, discovery: Discovery) -> Asked[str]:
    """A search that asks for what is not public."""
    query = "include_private=true&include_drafts=true&fq=private:true&rows=10"
    return ask("private", lambda: action(http, discovery.root, "package_search", query))


@observation(requests=RDF_ONLY_SAMPLED)
def only_in_rdf(
    http: Http, discovery: Discovery, walked: Walked, searched: Search, pairs: tuple[Pair, ...]
) -> tuple[Asked[str], ...]:
    """Some datasets that RDF has and the search has not, asked for at the API as everybody may."""
    if not searched.complete or not pairs:
        return ()
    found = {string_of(pair.node) for pair in pairs}
    others = [iri for iri in walked.datasets if iri not in found and same_site(iri, discovery.root)]
    keys = [iri.rstrip("/").rpartition("/")[2] for iri in others[:RDF_ONLY_SAMPLED]]
    url = f"{discovery.root}/api/3/action/package_show"
    return ask_each(keys, lambda key: http.look(f"{url}?id={quote(key, safe='')}", accept="application/json"))


def _not_refused(asked: Asked[str]) -> Look:
    """A look at a dataset of the RDF that the API must not refuse; what a firewall refuses looks different."""
    error = (object_of(asked.exchange) or {}).get("error")
    refused = isinstance(error, dict) and error.get("__type") == "Authorization Error"
    return expect(
        not refused,
        asked.exchange,
        expected=say(
            "kein Datensatz im RDF, der nicht öffentlich ist", "no dataset in the RDF that is not public"
        ),
        got=say("{k} verweigert die API", "{k} is refused by the API", k=asked.about),
    )


@check("open-data-portal.package.private-hidden")
def private_hidden(
    packages_seen: tuple[Package, ...], private_search: Asked[str], only_in_rdf: tuple[Asked[str], ...]
) -> Iterator[Look]:
    """Nothing private, no draft and nothing deleted is shown to everybody."""
    for asked in only_in_rdf:
        if asked.answered:
            yield _not_refused(asked)
    packages = list(packages_seen)
    if private_search.answered and answer(private_search.exchange).status == 200:
        yield Look(private_search.exchange.id)
        packages += packages_in(private_search.exchange)
    for package in packages:
        state, private = package.data.get("state", "active"), package.data.get("private", False)
        yield expect(
            state == "active" and private is not True,
            package.exchange,
            expected=literal("state active, private false"),
            got=literal(f"state {shown(state, 40)}, private {shown(private, 10)}"),
            pointer=package.pointer,
        )
    if not packages:
        raise Inapplicable(say("Es gibt keine Datensätze.", "There are no datasets."))


@check("open-data-portal.consistency.modified-agrees")
def modified_agrees(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """dct:modified is a moment of change that the API knows as well."""
    for pair in pairs:
        values = [v for v in graph_of(pair.page).values(pair.node, names.MODIFIED) if v[0] == LITERAL]
        known = [moment for text in _moments(pair.package) if (moment := _moment(text)) is not None]
        if not values or not known:
            continue
        given = text_of(values[0])
        moment = _moment(given)
        agrees = moment is not None and any(_same(moment, given, one) for one in known)
        yield expect(
            agrees,
            pair.page.exchange,
            expected=literal(pair.package.modified),
            got=literal(given),
            pointer=f"{string_of(pair.node)} dct:modified",
        )


def _moments(package: Package) -> Iterator[str]:
    """Everything the API calls a moment of change of the data or of their description."""
    for name in ("metadata_modified", "modified", "last_modified"):
        value = package.data.get(name)
        yield value if isinstance(value, str) else ""
        yield package.extra_of(name)
        yield package.extra_of(f"dcat_{name}")
    for resource in package.resources:
        value = resource.get("last_modified")
        yield value if isinstance(value, str) else ""


def _moment(text: str) -> datetime | None:
    """A moment in UTC; without time zone it is taken as UTC, as CKAN documents it."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _same(moment: datetime, given: str, other: datetime) -> bool:
    if "T" not in given:  # a day is a day, in whatever time zone it began
        return abs(moment - other) <= timedelta(days=1, hours=14)
    return abs(moment - other) <= TOLERANCE


@check("open-data-portal.consistency.timestamps-utc")
def timestamps_utc(searched: Search) -> Iterator[Look]:
    """Moments state their time zone or are UTC; one that is later than the server's clock cannot be UTC."""
    if not searched.available().packages:
        raise TooLittle(say("Es gibt keine Datensätze.", "There are no datasets."))
    for package in searched.packages:
        for name in ("metadata_created", "metadata_modified"):
            text = package.data.get(name)
            moment = _moment(text) if isinstance(text, str) else None
            if moment is None:
                continue
            yield expect(
                moment <= _clock(package.exchange) + CLOCKS,
                package.exchange,
                expected=say("ein Zeitpunkt in UTC oder mit Zeitzone", "a moment in UTC or with time zone"),
                got=literal(str(text)),
                pointer=f"{package.pointer}/{name}",
            )


def _clock(exchange: Exchange) -> datetime:
    """When the answer was made, by the server's clock if it states it."""
    stated = answer(exchange).header("date")
    try:
        if stated:
            return parsedate_to_datetime(stated).astimezone(UTC)
    except (TypeError, ValueError):
        pass
    sent = _moment(exchange.sent)
    return sent if sent is not None else datetime.max.replace(tzinfo=UTC) - CLOCKS
