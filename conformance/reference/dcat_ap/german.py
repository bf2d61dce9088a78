"""What the catalogue of the reference portal looks like as DCAT-AP.de wants it, and the files behind it.

DCAT-AP.de asks for more than DCAT-AP and forbids some of it: statements of the European catalogue are replaced
here, what is added stands in ``german-3.0.ttl`` and ``german-2.0.ttl``.
"""

from collections.abc import Mapping
from hashlib import sha1

#: Files of distributions whose checksum the catalogue names.
FILES: Mapping[str, tuple[str, bytes]] = {
    "/dateien/baeume.csv.gz": ("application/gzip", b"baum;art;jahr\n1;Linde;1987\n2;Eiche;1954\n"),
    "/dateien/haushalt.csv": ("text/csv", b"produkt;ertrag;aufwand\n1110;20000;310000\n"),
}

#: The parts of the catalogue for each version.
PARTS = {
    "3.0": ("prefixes", "common", "dcat-ap-3.0", "german-3.0"),
    "2.0": ("prefixes", "common", "dcat-ap-2.1.1", "german-2.0"),
}

_ATTRIBUTION = "<http://dcat-ap.de/def/licenses/dl-by-de/2.0>"
_FREE = "<http://dcat-ap.de/def/licenses/dl-zero-de/2.0>"
_ADMS = "http://purl.org/adms/status/"

_WFS = "dcat:accessURL <https://musterstadt.example/wfs>"
_STOPS = "dcat:accessURL <https://musterstadt.example/api/stops>"

_BOTH = (
    ("licence:CC_BY_4_0", _ATTRIBUTION),
    ("licence:CC0", _FREE),
    ("2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", sha1(FILES["/dateien/baeume.csv.gz"][1]).hexdigest()),  # noqa: S324
    ("de9f2c7fd25e1b3afad3e85a0bd17d9b100db4b3", sha1(FILES["/dateien/haushalt.csv"][1]).hexdigest()),  # noqa: S324
)
_REPLACED = {
    "3.0": _BOTH,
    "2.0": (
        *_BOTH,
        # 2.0 knows days and moments only, and the handbook does without sources and drafts
        ('dcterms:issued "2021"^^xsd:gYear', 'dcterms:issued "2021-01-01"^^xsd:date'),
        ('dcterms:issued "2022"^^xsd:gYear', 'dcterms:issued "2022-01-10"^^xsd:date'),
        ('dcterms:modified "2026-10"^^xsd:gYearMonth', 'dcterms:modified "2026-10-01"^^xsd:date'),
        ("  dcterms:source :record-budget ;\n", ""),
        ("  dcterms:source :record-trees ;\n", ""),
        ("  dcterms:source :dataset-stops ;\n", ""),
        ("  dcterms:source :dataset-trees ;\n", ""),
        (_ADMS + "UnderDevelopment", _ADMS + "Deprecated"),
        # a file is not delivered by a service, and a service is reached at its endpoint
        ('"P1D"^^xsd:duration ;\n  dcat:accessService :service-trees ;', '"P1D"^^xsd:duration ;'),
        ("dcat:accessURL <https://musterstadt.example/wfs?service=WFS&request=GetCapabilities>", _WFS),
        ("dcat:accessURL <https://musterstadt.example/daten/haltestellen>", _STOPS),
    ),
}


def german(turtle: str, version: str) -> str:
    """The catalogue with what this version of DCAT-AP.de wants in another way."""
    for old, new in _REPLACED[version]:
        if old not in turtle:
            raise ValueError(f"the catalogue has no {old!r} to be replaced")
        turtle = turtle.replace(old, new)
    return turtle
