"""Licences of the German profile: the list of GovData, services, and the text that BY licences demand.

Sources: DCAT-AP.de, "Liste der Lizenzen"; Konventionenhandbuch 2.0, conventions 32 and 35.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks import Look
from conformance.engines.graphs.terms import IRI, Term, iri, string_of
from conformance.model import Text, say
from conformance.standards.dcat_ap.german import every_from_list
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks
from conformance.standards.dcat_ap.terms import term
from conformance.standards.dcat_ap.vocabularies import Standing

#: Licences that oblige to name the author in the way the author says, by their address without scheme and www.
_WITH_ATTRIBUTION = re.compile(
    r"(dcat-ap\.de/def/licenses/(cc-by|dl-by|odby)[a-z-]*(/\d\.\d)?"
    r"|creativecommons\.org/licenses/by[a-z-]*/.*"
    r"|govdata\.de/dl-de/by-\d-\d"
    r"|publications\.europa\.eu/resource/authority/licence/CC_BY\w*)/?"
)
_SCHEME = re.compile(r"^https?://(www\.)?")


@check("dcat-ap-de.catalog.license-from-vocabulary")
def catalog_licence(catalogue: Catalogue) -> Iterator[Look]:
    """The licence of the metadata."""
    yield from _listed(catalogue, "dcat:Catalog")


@check("dcat-ap-de.distribution.license-from-vocabulary")
def distribution_licence(catalogue: Catalogue) -> Iterator[Look]:
    """The licence of the data."""
    yield from _listed(catalogue, "dcat:Distribution")


@check("dcat-ap-de.data-service.license-from-vocabulary")
def service_licence(catalogue: Catalogue) -> Iterator[Look]:
    """The licence of an interface."""
    yield from _listed(catalogue, "dcat:DataService")


def _listed(catalogue: Catalogue, kind: str) -> Iterator[Look]:
    """The text writes its example with a slash at the end, the list without: both will do."""
    known = catalogue.lists["de-licenses"]

    def standing(value: Term) -> Standing:
        return known.standing(iri(string_of(value).rstrip("/")))

    yield from every_from_list(catalogue, kind, "dcterms:license", (known,), standing)


@check("dcat-ap-de.conventions.k32-licence-listed")
def licence_listed(catalogue: Catalogue) -> Iterator[Look]:
    """Delivery to GovData: exactly the IRIs of the list."""
    known = catalogue.lists["de-licenses"]
    yield from every_from_list(catalogue, "dcat:Distribution", "dcterms:license", (known,), known.standing)


@check("dcat-ap-de.conventions.k32-service-licence")
def licence_of_service(catalogue: Catalogue) -> Iterator[Look]:
    """Data services that deliver licensed distributions have a licence."""
    columns = catalogue.columns
    licensed = columns.subjects(term("dcterms:license"))
    described = columns.instances(term("dcat:DataService"), focus_only=True)
    pairs = columns.column(term("dcat:accessService")).pairs()
    concerned = {service for one, service in pairs if one in licensed and service in described}
    missing = sorted(concerned - licensed)
    deviations = (Deviation(one, "dcterms:license", None, _LICENCE) for one in missing)
    yield from looks(catalogue, len(concerned) - len(missing), deviations)


@check("dcat-ap-de.distribution.by-licence-with-text")
def attribution_text(catalogue: Catalogue) -> Iterator[Look]:
    """Distributions under a licence with attribution have the text of the attribution."""
    columns = catalogue.columns
    members = columns.instances(term("dcat:Distribution"), focus_only=True)
    path = "dcatde:licenseAttributionByText"
    licences = {one for one in columns.objects(term("dcterms:license")) if _asks_for_attribution(one)}
    pairs = columns.column(term("dcterms:license")).pairs()
    concerned = {one: value for one, value in pairs if value in licences and one in members}
    missing = sorted(concerned.keys() - columns.subjects(term(path)))
    deviations = (Deviation(one, path, None, _text_for(concerned[one])) for one in missing)
    yield from looks(catalogue, len(concerned) - len(missing), deviations)


def _asks_for_attribution(licence: Term) -> bool:
    return licence[0] == IRI and _WITH_ATTRIBUTION.fullmatch(_SCHEME.sub("", string_of(licence))) is not None


def _text_for(licence: Term) -> Text:
    return say("der Namensnennungstext zu {l}", "the text of attribution for {l}", l=string_of(licence))


_LICENCE = say(
    "eine Lizenz wie bei den Distributionen, die er ausliefert",
    "a licence like the distributions that it delivers",
)
