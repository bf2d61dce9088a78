"""Open data: high-value datasets, their terms and licences, formats, and data as fast as the vendor's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from conformance.checks import Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import answer
from conformance.engines.graphs.terms import IRI, LITERAL, Term, iri, literal_parts, string_of
from conformance.engines.portals import End, Walk, refuse_challenge
from conformance.model import Exchange, Subject, literal, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.exporting import time_of
from conformance.standards.exit_criteria.files import instant, parameter
from conformance.standards.exit_criteria.lists import Listed, Listing, items_of
from conformance.standards.exit_criteria.tables import Row

DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
HVD = iri("http://data.europa.eu/eli/reg_impl/2023/138/oj")
LEGISLATION = iri("http://data.europa.eu/r5r/applicableLegislation")
DISTRIBUTION, SERVICE_OF = iri(f"{DCAT}distribution"), iri(f"{DCAT}accessService")
SERVES, ENDPOINT, DOWNLOAD = iri(f"{DCAT}servesDataset"), iri(f"{DCAT}endpointURL"), iri(f"{DCAT}downloadURL")
DESCRIBED, CONTACT = iri(f"{DCAT}endpointDescription"), iri(f"{DCAT}contactPoint")
PAGE, LICENCE, FORMAT = iri("http://xmlns.com/foaf/0.1/page"), iri(f"{DCT}license"), iri(f"{DCT}format")
CATALOGUE_PAGES = 20
DATASETS = 5  # high-value datasets whose addresses are called up
OBSERVATIONS = "Observations"  # the entity set of SensorThings in which things are measured
#: Licences that are CC BY 4.0, CC0 or less restrictive (Implementing Regulation (EU) 2023/138, Art. 4).
LICENCES = (
    "publications.europa.eu/resource/authority/licence/cc_by_4_0",
    "publications.europa.eu/resource/authority/licence/cc0",
    "publications.europa.eu/resource/authority/licence/cc_0",
    "publications.europa.eu/resource/authority/licence/cc_pdm_1_0",
    "creativecommons.org/licenses/by/4.0",
    "creativecommons.org/publicdomain/zero/1.0",
    "creativecommons.org/publicdomain/mark/1.0",
    "dcat-ap.de/def/licenses/cc-by/4.0",
    "dcat-ap.de/def/licenses/cc-zero",
    "dcat-ap.de/def/licenses/dl-by-de/2.0",
    "dcat-ap.de/def/licenses/dl-zero-de/2.0",
    "www.govdata.de/dl-de/by-2-0",
    "www.govdata.de/dl-de/zero-2-0",
)
_TYPES = (
    "csv tsv json json_ld geojson xml gml rdf rdf_xml rdf_turtle rdf_n_triples turtle gpkg netcdf parquet ods odt txt "
    "html kml citygml cityjson ifc pdfa1a pdfa1b pdfa2a pdfa2b pdfa3 geotiff gtfs gbfs ics svg png jpeg las oas"
)
#: Ends of the EU file types that are open.
OPEN_FORMATS = frozenset(_TYPES.split())


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The statements of the catalogue, by subject and property."""

    exchange: Exchange
    values: dict[tuple[Term, Term], tuple[Term, ...]]
    pairs: tuple[tuple[Term, Term, Term], ...]

    def of(self, subject: Term, predicate: Term) -> tuple[Term, ...]:
        """What a property of a thing holds."""
        return self.values.get((subject, predicate), ())

    @property
    def high_value(self) -> tuple[Term, ...]:
        """The datasets that refer to the regulation on high-value datasets."""
        datasets = {o for _, p, o in self.pairs if p == iri(f"{DCAT}dataset")}
        found = (s for s, p, o in self.pairs if p == LEGISLATION and o == HVD and s in datasets)
        return tuple(dict.fromkeys(found))

    def distributions(self, dataset: Term) -> tuple[Term, ...]:
        """The distributions of a dataset."""
        return self.of(dataset, DISTRIBUTION)

    def services(self, dataset: Term) -> tuple[Term, ...]:
        """The services that serve a dataset or one of its distributions."""
        found = [one for each in self.distributions(dataset) for one in self.of(each, SERVICE_OF)]
        found += [s for s, p, o in self.pairs if p == SERVES and o == dataset]
        return tuple(dict.fromkeys(found))


@observation(requests=CATALOGUE_PAGES)
def catalogue(http: Http, subject: Subject) -> Catalogue:
    """The catalogue at the address in the parameter catalogue, all pages."""
    first = refuse_challenge(
        http.get(parameter(subject, "catalogue"), accept="text/turtle, application/rdf+xml")
    )
    walk = Walk(http, first, min(CATALOGUE_PAGES, subject.limits.pages), keep=None)
    values: dict[tuple[Term, Term], list[Term]] = {}
    pairs: list[tuple[Term, Term, Term]] = []
    for page in walk:
        for s, p, o in page.columns.triples():
            pairs.append((s, p, o))
            values.setdefault((s, p), []).append(o)
    if walk.end is not End.COMPLETE or not pairs:
        raise Unavailable(say("Der Katalog ist nicht lesbar.", "The catalogue cannot be read."))
    return Catalogue(first, {key: tuple(dict.fromkeys(found)) for key, found in values.items()}, tuple(pairs))


def _need_high_value(catalogue: Catalogue) -> tuple[Term, ...]:
    if not catalogue.high_value:
        raise TooLittle(
            say(
                "Kein Datensatz des Katalogs verweist auf die HVD-Verordnung.",
                "No dataset of the catalogue refers to the HVD regulation.",
            )
        )
    return catalogue.high_value


def _addresses(terms: tuple[Term, ...]) -> list[str]:
    return [
        string_of(one)
        for one in terms
        if one[0] == IRI and string_of(one).startswith(("http://", "https://"))
    ]


@check("exit.open-data.interface-and-bulk")
def interface_and_bulk(http: Http, catalogue: Catalogue) -> Iterator[Look]:
    """Each high-value dataset has a service and a file, and both answer."""
    for number, dataset in enumerate(_need_high_value(catalogue)):
        services = catalogue.services(dataset)
        endpoints = _addresses(tuple(o for one in services for o in catalogue.of(one, ENDPOINT)))
        files = _addresses(
            tuple(o for one in catalogue.distributions(dataset) for o in catalogue.of(one, DOWNLOAD))
        )
        for kind, found in (("dcat:endpointURL", endpoints), ("dcat:downloadURL", files)):
            yield _stated(catalogue, dataset, kind, found)
            yield from (_answers(http, url) for url in found[: number < DATASETS])


def _stated(catalogue: Catalogue, subject: Term, name: str, found: list[str] | tuple[Term, ...]) -> Look:
    return expect(
        bool(found),
        catalogue.exchange,
        expected=literal(name),
        got=say("fehlt", "missing"),
        pointer=string_of(subject) if subject[0] == IRI else name,
    )


def _answers(http: Http, url: str) -> Look:
    found = http.get(url)
    return expect(
        answer(found).status < 400,
        found,
        expected=say("eine Antwort", "an answer"),
        got=say("Status {n}", "status {n}", n=answer(found).status),
    )


@check("exit.open-data.terms-published")
def terms_published(http: Http, catalogue: Catalogue) -> Iterator[Look]:
    """The service of each high-value dataset tells its description, its terms and whom to ask."""
    for number, dataset in enumerate(_need_high_value(catalogue)):
        for service in catalogue.services(dataset):
            for name, predicate in (
                ("dcat:endpointDescription", DESCRIBED),
                ("foaf:page", PAGE),
                ("dcat:contactPoint", CONTACT),
            ):
                found = catalogue.of(service, predicate)
                yield _stated(catalogue, service, name, found)
                if predicate != CONTACT:
                    yield from (_answers(http, url) for url in _addresses(found)[: number < DATASETS])


@check("exit.open-data.licence-open")
def licence_open(catalogue: Catalogue) -> Iterator[Look]:
    """Each distribution of high-value datasets has a licence of the list."""
    for dataset in _need_high_value(catalogue):
        for one in catalogue.distributions(dataset):
            told = [string_of(each) for each in catalogue.of(one, LICENCE)]
            yield expect(
                bool(told) and all(_is_open(each) for each in told),
                catalogue.exchange,
                expected=say("CC BY 4.0, CC0 oder freier", "CC BY 4.0, CC0 or less restrictive"),
                got=literal(", ".join(told) or "–"),
                pointer=string_of(one) if one[0] == IRI else "dcat:distribution",
            )


def _is_open(licence: str) -> bool:
    bare = licence.lower().partition("://")[2].rstrip("/")
    return any(bare == known or bare.startswith(f"{known}/") for known in LICENCES)


@check("exit.open-data.formats-and-metadata")
def formats_and_metadata(catalogue: Catalogue, answers: Answers) -> Iterator[Look]:
    """Formats are open, and GovData harvests the catalogue."""
    distributions = dict.fromkeys(o for _, p, o in catalogue.pairs if p == DISTRIBUTION)
    for one in distributions:
        told = [_name(each) for each in catalogue.of(one, FORMAT)]
        yield expect(
            bool(told) and all(each.lower() in OPEN_FORMATS for each in told),
            catalogue.exchange,
            expected=say("ein offenes Format", "an open format"),
            got=literal(", ".join(told) or "–"),
            pointer=string_of(one) if one[0] == IRI else "dcat:distribution",
        )
    yield from answers.looks("exit.open-data.formats-and-metadata")


def _name(term: Term) -> str:
    text = literal_parts(term).lexical if term[0] == LITERAL else string_of(term)
    return text.rstrip("/").rpartition("/")[2]


# --- as fast as the vendor's own -------------------------------------------------------------------------


def newest(http: Http, listed: Listed, category: str = "") -> tuple[Exchange, datetime] | None:
    """The newest time of what was measured (or of one category), and where it was seen.

    Raises what kept a list from being read: the newest value may be in there.
    """
    if listed.faults:
        raise next(iter(listed.faults.values()))
    lists = [one for one in listed.data() if category in ("", one.category.name)]
    measured = [one for one in lists if one.category.entity == OBSERVATIONS]
    found = [pair for one in measured or lists for pair in _times(http, one)]
    return max(found, key=lambda pair: pair[1]) if found else None


def _times(http: Http, one: Listing) -> Iterator[tuple[Exchange, datetime]]:
    """The times of a list; of a long one only the last, which SensorThings gives in order of time."""
    if not one.complete and "phenomenonTime" in one.items[0].data:
        base = one.exchange.url.partition("?")[0]
        page = http.get(f"{base}?$orderby=phenomenonTime%20desc&$top=1")
        items = tuple(items_of(page))
    else:
        items = one.items if one.complete else ()
    for item in items:
        when = time_of(item.data, end=True)
        if when is not None:
            yield item.exchange, when


@check("exit.open-data.dynamic-at-once")
def dynamic_at_once(http: Http, subject: Subject, listed: Listed, moment: datetime) -> Iterator[Look]:
    """The newest observation is as young as the data promise."""
    stated = subject.parameters.get("update_seconds")
    found = newest(http, listed)
    if isinstance(stated, bool) or not isinstance(stated, int | float) or found is None:
        raise TooLittle(
            say(
                "Der Parameter update_seconds oder eine ganz gelesene Liste mit Zeiten fehlt.",
                "The parameter update_seconds or a list with times that was read to its end is missing.",
            )
        )
    exchange, when = found
    age = (moment - when).total_seconds()
    yield expect(
        age <= stated,
        exchange,
        expected=say("höchstens {n} Sekunden alt", "at most {n} seconds old", n=stated),
        got=say("{n} Sekunden", "{n} seconds", n=round(age)),
    )


@check("exit.open-data.no-exclusive-access")
def no_exclusive_access(
    http: Http, listed: Listed, newest_native: tuple[tuple[Row, str], ...]
) -> Iterator[Look]:
    """The open interface shows what the vendor's own shows, as soon."""
    for row, stated in newest_native:
        here = newest(http, listed, row["category"])
        if here is not None:
            there = instant(stated.partition("/")[0])
            yield expect(
                here[1] >= there,
                here[0],
                expected=say("Werte bis {t}", "values up to {t}", t=there.isoformat()),
                got=literal(here[1].isoformat()),
                pointer=row.place,
            )
