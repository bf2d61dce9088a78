"""The datasets in RDF as ckanext-dcat writes them: one dataset, or a page of the catalogue with its paging block."""

from __future__ import annotations

from functools import lru_cache

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef

from conformance.reference.open_data_portal.data import (
    HARVESTED,
    ORGANIZATIONS,
    SITE,
    Package,
    hidden,
    identifier,
    packages,
)

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
THEME = "http://publications.europa.eu/resource/authority/data-theme/"
FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
GERMAN = URIRef("http://publications.europa.eu/resource/authority/language/DEU")

#: Suffix of the address → media type and the name rdflib gives the syntax.
SYNTAXES = {
    "rdf": ("application/rdf+xml", "pretty-xml"),
    "xml": ("application/rdf+xml", "pretty-xml"),
    "ttl": ("text/turtle", "turtle"),
    "n3": ("text/n3", "n3"),
    "jsonld": ("application/ld+json", "json-ld"),
}
PROFILES = ("euro_dcat_ap", "euro_dcat_ap_2", "euro_dcat_ap_3")

Paging = tuple[tuple[str, str | int], ...]


@lru_cache(maxsize=512)
def dataset_document(base: str, key: str, suffix: str) -> bytes:
    """One dataset in the syntax of this suffix; nobody asks for one that is hidden."""
    graph = _graph()
    package = next(p for p in (*packages(base), *hidden(base)) if p["id"] == key)
    _dataset(graph, base, package)
    return _written(graph, suffix)


@lru_cache(maxsize=512)
def catalogue_document(base: str, keys: tuple[str, ...], paging: Paging, suffix: str) -> bytes:
    """A page of the catalogue with these datasets, in the syntax of this suffix."""
    graph = _graph()
    catalogue = URIRef(base)
    by_id = {p["id"]: p for p in packages(base)}
    _catalogue(graph, catalogue, base)
    for key in keys:
        owner = catalogue
        if by_id[key]["organization"]["name"] == HARVESTED:
            owner = _part(graph, catalogue, base)
        graph.add((owner, DCAT.dataset, _dataset(graph, base, by_id[key])))
    _hydra(graph, paging)
    return _written(graph, suffix)


def _graph() -> Graph:
    graph = Graph()
    for prefix, namespace in (
        ("dcat", DCAT),
        ("dct", DCTERMS),
        ("foaf", FOAF),
        ("hydra", HYDRA),
        ("vcard", VCARD),
    ):
        graph.bind(prefix, namespace)
    return graph


def _written(graph: Graph, suffix: str) -> bytes:
    return graph.serialize(format=SYNTAXES[suffix][1], encoding="utf-8")


def _catalogue(graph: Graph, node: URIRef, base: str) -> None:
    graph.add((node, RDF.type, DCAT.Catalog))
    graph.add((node, DCTERMS.title, Literal(SITE)))
    graph.add((node, DCTERMS.description, Literal("Die offenen Daten der Stadt Lindenfurt.")))
    graph.add((node, DCTERMS.language, GERMAN))
    graph.add((node, FOAF.homepage, URIRef(f"{base}/")))
    graph.add((node, DCTERMS.publisher, _agent(graph, base, "statistik")))
    graph.add((node, DCTERMS.modified, _moment(packages(base)[0]["metadata_modified"])))


def _part(graph: Graph, catalogue: URIRef, base: str) -> URIRef:
    """The catalogue of the city's works, of which this one is the whole."""
    node = URIRef("https://stadtwerke.lindenfurt.example/katalog")
    graph.add((catalogue, DCTERMS.hasPart, node))
    graph.add((node, RDF.type, DCAT.Catalog))
    graph.add((node, DCTERMS.title, Literal("Daten der Stadtwerke Lindenfurt")))
    graph.add((node, DCTERMS.publisher, _agent(graph, base, HARVESTED)))
    return node


def _agent(graph: Graph, base: str, name: str) -> URIRef:
    node = URIRef(f"{base}/organization/{identifier('organization', name)}")
    graph.add((node, RDF.type, FOAF.Organization))
    graph.add((node, FOAF.name, Literal(ORGANIZATIONS[name])))
    return node


def _moment(text: str) -> Literal:
    return Literal(text, datatype=XSD.dateTime)


def _dataset(graph: Graph, base: str, package: Package) -> URIRef:
    node = URIRef(f"{base}/dataset/{package['id']}")
    owner = package["organization"]["name"]
    graph.add((node, RDF.type, DCAT.Dataset))
    graph.add((node, DCTERMS.title, Literal(package["title"])))
    graph.add((node, DCTERMS.description, Literal(package["notes"])))
    graph.add((node, DCTERMS.identifier, Literal(package["id"])))
    graph.add((node, DCTERMS.issued, _moment(package["metadata_created"])))
    graph.add((node, DCTERMS.modified, _moment(package["metadata_modified"])))
    graph.add((node, DCTERMS.accrualPeriodicity, URIRef(FREQUENCY)))
    graph.add((node, DCTERMS.publisher, _agent(graph, base, owner)))
    graph.add((node, DCAT.landingPage, URIRef(f"{base}/dataset/{package['name']}")))
    for tag in package["tags"]:
        graph.add((node, DCAT.keyword, Literal(tag["name"])))
    for group in package["groups"]:
        graph.add((node, DCAT.theme, URIRef(THEME + group["name"].upper())))
    contact = BNode(f"c{package['id']}")
    graph.add((node, DCAT.contactPoint, contact))
    graph.add((contact, RDF.type, VCARD.Organization))
    graph.add((contact, VCARD.fn, Literal(ORGANIZATIONS[owner])))
    graph.add((contact, VCARD.hasEmail, URIRef(f"mailto:{owner}@lindenfurt.example")))
    period = BNode(f"p{package['id']}")
    graph.add((node, DCTERMS.temporal, period))
    graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
    graph.add((period, DCAT.startDate, Literal("2020-01-01", datatype=XSD.date)))
    graph.add((period, DCAT.endDate, Literal("2024-12-31", datatype=XSD.date)))
    for resource in package["resources"]:
        graph.add((node, DCAT.distribution, _distribution(graph, base, package, resource)))
    return node


def _distribution(graph: Graph, base: str, package: Package, resource: Package) -> URIRef:
    node = URIRef(f"{base}/dataset/{package['id']}/resource/{resource['id']}")
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.title, Literal(resource["name"])))
    graph.add((node, DCAT.accessURL, URIRef(resource["url"])))
    graph.add((node, DCAT.downloadURL, URIRef(resource["url"])))
    graph.add((node, DCTERMS.license, URIRef(package["license_url"])))
    graph.add((node, DCTERMS["format"], URIRef(FILE_TYPE + resource["format"])))
    graph.add((node, DCTERMS.modified, _moment(resource["last_modified"])))
    graph.add((node, DCAT.byteSize, Literal(str(resource["size"]), datatype=XSD.nonNegativeInteger)))
    return node


def _hydra(graph: Graph, paging: Paging) -> None:
    """The paging block as ckanext-dcat writes it: both generations of Hydra, addresses as literals."""
    said = dict(paging)
    if not said:
        return
    node = URIRef(str(said.pop("current")))
    graph.add((node, RDF.type, HYDRA.PagedCollection))
    for name, value in said.items():
        if name in ("totalItems", "itemsPerPage"):
            graph.add((node, HYDRA[name], Literal(value, datatype=XSD.integer)))
        else:
            graph.add((node, HYDRA[name], Literal(value)))
            graph.add((node, HYDRA[f"{name}Page"], Literal(value)))
