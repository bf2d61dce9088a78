"""What the provider of a catalogue owes as a whole (DCAT-AP 3.0, "Provider requirements"; 2.1.1, section 6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks import CantTell, Look, Unavailable, finding_at, observation
from conformance.engines.graphs.columns import Columns
from conformance.engines.graphs.load import load
from conformance.engines.graphs.terms import BLANK, LITERAL, TYPE, Term, literal_parts, string_of
from conformance.model import FaultOwner, Text, literal, say
from conformance.session.http import Http
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue, source_of
from conformance.standards.dcat_ap.places import NOTHING, Deviation, looks, named
from conformance.standards.dcat_ap.terms import term

_LISTED = {
    "dcat:dataset": "dcat:Dataset",
    "dcat:service": "dcat:DataService",
    "dcat:distribution": "dcat:Distribution",
}
_NAMED = ("dcat:Catalog", "dcat:Dataset", "dcat:Distribution", "dcat:DataService")
_TRANSLATED = ("dcat:Catalog", "dcat:Dataset", "dcat:DataService", "dcat:DatasetSeries")
_OURS = ("context", "too-large", "entity")  # what this suite will not read, which is no fault of the file


@check("dcat-ap.provider.files-readable")
def files_readable(reading: Catalogue) -> Iterator[Look]:
    """Every page or file can be read to its end."""
    refused: list[Text] = []
    for page in reading.pages:
        for file in page.files:
            if file.trouble is None:
                yield Look(page.exchange.id)
            elif file.trouble.kind in _OURS:
                refused.append(file.trouble.text)
            else:
                place = f"{file.name}:{file.trouble.line}:{file.trouble.column}"
                wanted = say("lesbares RDF", "readable RDF")
                yield Look(
                    page.exchange.id,
                    finding_at(page.exchange.request, page.exchange.id, wanted, file.trouble.text, place),
                )
    if refused:
        raise CantTell(refused[0], FaultOwner.SUITE)


@check("dcat-ap.provider.catalogue-described")
def catalogue_described(catalogue: Catalogue) -> Iterator[Look]:
    """There is a catalogue, and something in it."""
    exchange = catalogue.exchange
    for kinds, wanted in ((("dcat:Catalog",), _CATALOGUE), (("dcat:Dataset", "dcat:DataService"), _CONTENT)):
        if any(catalogue.columns.instances(term(kind), focus_only=True) for kind in kinds):
            yield Look(exchange.id)
        else:
            yield Look(exchange.id, finding_at(exchange.request, exchange.id, wanted, NOTHING))


@check("dcat-ap.provider.listed-described")
def listed_described(catalogue: Catalogue) -> Iterator[Look]:
    """What is listed is described on one of the pages."""
    described = catalogue.columns.subjects(TYPE)
    good, bad = 0, []
    for path, kind in _LISTED.items():
        wanted = say("eine Beschreibung als {k}", "a description as {k}", k=kind)
        for focus, value in catalogue.columns.column(term(path)).pairs():
            if value[0] == LITERAL or value in described:
                good += value[0] != LITERAL
            else:
                bad.append(Deviation(focus, path, value, wanted))
    yield from looks(catalogue, good, bad)


@check("dcat-ap.provider.agents-described")
def agents_described(catalogue: Catalogue) -> Iterator[Look]:
    """Bodies that the data describe are agents or have at least a name."""
    columns = catalogue.columns
    agents = columns.instances(term("foaf:Agent")) | columns.subjects(term("foaf:name"))
    told = frozenset[Term]().union(*(columns.subjects(one) for one in columns.by_predicate))
    good, bad = 0, []
    for path in ("dcterms:publisher", "dcterms:creator"):
        for focus, value in columns.column(term(path)).pairs():
            if value in agents:
                good += 1
            elif value[0] == BLANK or (value in told and value not in columns.subjects(TYPE)):
                bad.append(Deviation(focus, path, value, _AGENT))
    yield from looks(catalogue, good, bad)


@check("dcat-ap.resources.named")
def resources_named(catalogue: Catalogue) -> Iterator[Look]:
    """The main resources have an IRI of the web."""
    good, bad = 0, []
    for kind in _NAMED:
        for focus in sorted(catalogue.columns.instances(term(kind), focus_only=True)):
            if string_of(focus).startswith(("http://", "https://")):
                good += 1
            else:
                bad.append(Deviation(focus, "", focus, _IRI))
    yield from looks(catalogue, good, bad)


@check("dcat-ap.texts.languages-told-apart")
def languages_told_apart(catalogue: Catalogue) -> Iterator[Look]:
    """Of several titles or descriptions each has a language of its own."""
    focuses = frozenset[Term]().union(
        *(catalogue.columns.instances(term(kind), focus_only=True) for kind in _TRANSLATED)
    )
    good, bad = 0, []
    for path in ("dcterms:title", "dcterms:description"):
        texts: defaultdict[Term, set[Term]] = defaultdict(set)
        for focus, value in catalogue.columns.column(term(path)).pairs():
            if value[0] == LITERAL and focus in focuses:
                texts[focus].add(value)
        for focus, values in texts.items():
            languages = Counter(literal_parts(value).language for value in values)
            if len(values) > 1 and ("" in languages or max(languages.values()) > 1):
                bad.append(Deviation(focus, path, _untold(values, languages), _LANGUAGES))
            else:
                good += len(values) > 1
    yield from looks(catalogue, good, bad)


def _untold(values: set[Term], languages: Counter[str]) -> Term:
    """One of the texts that share a language or have none."""
    shared = [v for v in values if not literal_parts(v).language or languages[literal_parts(v).language] > 1]
    return min(shared)


@observation(requests=1)
def catalogue_again(http: Http, reading: Catalogue, supplied_contexts: Mapping[str, Any]) -> frozenset[Term]:
    """The datasets of the first page as a second, identical request lists them."""
    if http.offline_files is not None:
        raise Unavailable(_FILES, FaultOwner.CONFIGURATION)
    request = reading.exchange.request
    again = source_of(http.get(request.url, headers=request.headers, repeat=1))
    return _datasets(load([again], contexts=supplied_contexts).columns)


def _datasets(columns: Columns) -> frozenset[Term]:
    """Everything with an IRI that the data themselves call a dataset."""
    kind = term("dcat:Dataset")
    return frozenset(one for one, found in columns.column(TYPE).pairs() if found == kind and one[0] != BLANK)


@check("dcat-ap.resources.stable")
def resources_stable(catalogue: Catalogue, catalogue_again: frozenset[Term]) -> Iterator[Look]:
    """Datasets of the second answer were there in the first, under the same IRI."""
    first = _datasets(catalogue.columns)
    named_ones = sorted(catalogue_again)
    fresh = [one for one in named_ones if one not in first]
    exchange = catalogue.exchange
    if named_ones and len(fresh) < len(named_ones):
        yield Look(exchange.id, places=len(named_ones) - len(fresh))
    for one in fresh[:20]:
        yield Look(exchange.id, finding_at(exchange.request, exchange.id, _SAME, literal(named(one))))


_CATALOGUE = say("mindestens ein dcat:Catalog", "at least one dcat:Catalog")
_CONTENT = say(
    "mindestens ein dcat:Dataset oder dcat:DataService", "at least one dcat:Dataset or dcat:DataService"
)
_AGENT = say("ein foaf:Agent mit foaf:name", "a foaf:Agent with foaf:name")
_IRI = say("eine IRI mit http oder https", "an IRI with http or https")
_LANGUAGES = say("je Sprache ein Text mit Sprachangabe", "one text per language, with a language tag")
_SAME = say("dieselben IRIs wie beim ersten Abruf", "the same IRIs as at the first fetch")
_FILES = say(
    "Geprüft werden Dateien; ob ein zweiter Abruf dasselbe ergibt, lässt sich daran nicht sehen.",
    "Files are judged; whether a second fetch gives the same cannot be seen in them.",
)
