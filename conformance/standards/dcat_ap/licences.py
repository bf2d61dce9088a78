"""Licences: the list of GovData, services, the text that BY licences demand, and which licences are open.

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
#: Licences at least as open as CC BY 4.0, and some that are not, by the end of their address.
_OPEN = re.compile(
    r"(?:creativecommons\.org/(?:publicdomain/(?:zero|mark)/1\.0|licenses/by/4\.0)(?:/.*)?"
    r"|publications\.europa\.eu/resource/authority/licence/(?:CC0|CC_BY_4_0|CC_BY|ODC_PDDL|ODC_BY|PDM_?1?_?0?)"
    r"|dcat-ap\.de/def/licenses/(?:cc-zero|cc-by(?:/4\.0)?|dl-zero-de/2\.0|dl-by-de/2\.0|geonutz/20130319"
    r"|geonutz(?:v-de-2013-03-19)?|odby|odcpddl|ccpdm/1\.0|officialWork)"
    r"|govdata\.de/dl-de/(?:by|zero)-2-0|opendatacommons\.org/licenses/(?:by|pddl)(?:/.*)?)/?"
)
_CLOSED = re.compile(
    r"(?:creativecommons\.org/licenses/by(?:-nc|-nd|-sa)[a-z-]*/.*"
    r"|publications\.europa\.eu/resource/authority/licence/CC_BY(?:NC|ND|SA|_NC|_ND|_SA)\w*"
    r"|dcat-ap\.de/def/licenses/(?:cc-by-(?:nc|nd|sa)[a-z-]*(?:/.*)?|dl-by-nc-de/.*|other-closed|odbl)"
    r"|opendatacommons\.org/licenses/odbl(?:/.*)?)/?"
)
_SCHEME = re.compile(r"^https?://(www\.)?")


def open_licence(licence: Term) -> bool | None:
    """Whether a licence asks for no more than CC BY 4.0; None if it is in neither list."""
    address = _address(licence)
    return True if _OPEN.fullmatch(address) else False if _CLOSED.fullmatch(address) else None


def _address(licence: Term) -> str:
    """The address of a licence without what people write differently: scheme and www."""
    return _SCHEME.sub("", string_of(licence))


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
    return licence[0] == IRI and _WITH_ATTRIBUTION.fullmatch(_address(licence)) is not None


def _text_for(licence: Term) -> Text:
    return say("der Namensnennungstext zu {l}", "the text of attribution for {l}", l=string_of(licence))


_LICENCE = say(
    "eine Lizenz wie bei den Distributionen, die er ausliefert",
    "a licence like the distributions that it delivers",
)
