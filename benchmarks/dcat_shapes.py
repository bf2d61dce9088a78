"""Shapes for the made-up catalogues, in the style and about the number of the shapes of DCAT-AP.de.

Written for the benchmark: the constructs and how often they occur follow the published bundles, their text
does not. One property shape mostly holds one constraint, as there.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.catalogues import EU, PREFIXES, VOCABULARIES

SHAPES = "https://formen.example/"

# class: (property, least, most, kind of nodes, class of values) - what DCAT-AP asks of each resource
Row = tuple[str, int | None, int | None, str, str]
CATALOGUE: list[Row] = [
    ("dct:title", 1, None, "Literal", ""),
    ("dct:description", 1, None, "Literal", ""),
    ("dct:publisher", 1, 1, "BlankNodeOrIRI", "foaf:Agent"),
    ("dcat:dataset", 1, None, "IRI", "dcat:Dataset"),
    ("foaf:homepage", None, 1, "IRI", ""),
    ("dct:language", None, None, "BlankNodeOrIRI", ""),
    ("dct:license", None, 1, "BlankNodeOrIRI", ""),
    ("dct:issued", None, 1, "Literal", ""),
    ("dct:modified", None, 1, "Literal", ""),
    ("dcat:themeTaxonomy", None, None, "BlankNodeOrIRI", "skos:ConceptScheme"),
    ("dct:spatial", None, None, "BlankNodeOrIRI", "dct:Location"),
    ("dcat:catalog", None, None, "BlankNodeOrIRI", "dcat:Catalog"),
    ("dcat:service", None, None, "BlankNodeOrIRI", "dcat:DataService"),
    ("dct:creator", None, 1, "BlankNodeOrIRI", "foaf:Agent"),
    ("dct:rights", None, None, "BlankNodeOrIRI", ""),
    ("dct:hasPart", None, None, "BlankNodeOrIRI", "dcat:Catalog"),
    ("dcat:record", None, None, "BlankNodeOrIRI", "dcat:CatalogRecord"),
]
SERVICE: list[Row] = [
    ("dct:title", 1, None, "Literal", ""),
    ("dcat:endpointURL", 1, None, "BlankNodeOrIRI", ""),
    ("dcat:endpointDescription", None, None, "BlankNodeOrIRI", ""),
    ("dcat:servesDataset", None, None, "BlankNodeOrIRI", "dcat:Dataset"),
    ("dct:license", None, 1, "BlankNodeOrIRI", ""),
    ("dct:accessRights", None, 1, "BlankNodeOrIRI", ""),
]
DATASET: list[Row] = [
    ("dct:title", 1, None, "Literal", ""),
    ("dct:description", 1, None, "Literal", ""),
    ("dct:publisher", None, 1, "BlankNodeOrIRI", "foaf:Agent"),
    ("dct:creator", None, None, "BlankNodeOrIRI", "foaf:Agent"),
    ("dct:contributor", None, None, "BlankNodeOrIRI", "foaf:Agent"),
    ("dcat:contactPoint", None, None, "BlankNodeOrIRI", "vcard:Kind"),
    ("dcat:distribution", None, None, "BlankNodeOrIRI", "dcat:Distribution"),
    ("dcat:keyword", None, None, "Literal", ""),
    ("dcat:theme", None, None, "IRI", "skos:Concept"),
    ("dct:identifier", None, None, "Literal", ""),
    ("dct:issued", None, 1, "Literal", ""),
    ("dct:modified", None, 1, "Literal", ""),
    ("dct:language", None, None, "BlankNodeOrIRI", ""),
    ("dct:accrualPeriodicity", None, 1, "BlankNodeOrIRI", ""),
    ("dct:accessRights", None, 1, "BlankNodeOrIRI", ""),
    ("dct:spatial", None, None, "BlankNodeOrIRI", "dct:Location"),
    ("dct:temporal", None, None, "BlankNodeOrIRI", "dct:PeriodOfTime"),
    ("dcat:landingPage", None, None, "BlankNodeOrIRI", ""),
    ("dct:conformsTo", None, None, "BlankNodeOrIRI", ""),
    ("foaf:page", None, None, "BlankNodeOrIRI", ""),
    ("dct:provenance", None, None, "BlankNodeOrIRI", ""),
    ("dct:relation", None, None, "BlankNodeOrIRI", ""),
    ("dct:source", None, None, "BlankNodeOrIRI", "dcat:Dataset"),
    ("dct:hasVersion", None, None, "BlankNodeOrIRI", "dcat:Dataset"),
    ("dct:type", None, 1, "BlankNodeOrIRI", "skos:Concept"),
    ("adms:versionNotes", None, None, "Literal", ""),
    ("adms:identifier", None, None, "BlankNodeOrIRI", "adms:Identifier"),
    ("dct:isReferencedBy", None, None, "BlankNodeOrIRI", ""),
    ("dct:isVersionOf", None, None, "BlankNodeOrIRI", "dcat:Dataset"),
    ("dcat:qualifiedRelation", None, None, "BlankNodeOrIRI", "dcat:Relationship"),
    ("dcat:temporalResolution", None, 1, "Literal", ""),
    ("dcatde:legalBasis", None, None, "Literal", ""),
    ("dcatde:maintainer", None, None, "BlankNodeOrIRI", "foaf:Agent"),
    ("dcatde:originator", None, None, "BlankNodeOrIRI", "foaf:Agent"),
    ("dcatde:geocodingDescription", None, None, "Literal", ""),
    ("dcatde:qualityProcessURI", None, 1, "IRI", ""),
    ("adms:sample", None, None, "BlankNodeOrIRI", "dcat:Distribution"),
    ("dcat:spatialResolutionInMeters", None, None, "Literal", ""),
    ("dcatde:politicalGeocodingLevelURI", None, None, "IRI", ""),
    ("dcatde:politicalGeocodingURI", None, None, "IRI", ""),
    ("dcatde:contributorID", 1, None, "IRI", ""),
]
DISTRIBUTION: list[Row] = [
    ("dcat:accessURL", 1, None, "IRI", ""),
    ("dcat:downloadURL", None, None, "IRI", ""),
    ("dct:title", None, None, "Literal", ""),
    ("dct:description", None, None, "Literal", ""),
    ("dct:format", None, 1, "BlankNodeOrIRI", ""),
    ("dcat:mediaType", None, 1, "IRI", ""),
    ("dct:license", None, 1, "BlankNodeOrIRI", ""),
    ("dcatap:availability", None, 1, "IRI", ""),
    ("dcat:byteSize", None, 1, "Literal", ""),
    ("dct:issued", None, 1, "Literal", ""),
    ("dct:modified", None, 1, "Literal", ""),
    ("dct:language", None, None, "BlankNodeOrIRI", ""),
    ("adms:status", None, 1, "BlankNodeOrIRI", "skos:Concept"),
    ("spdx:checksum", None, 1, "BlankNodeOrIRI", "spdx:Checksum"),
    ("foaf:page", None, None, "BlankNodeOrIRI", ""),
    ("dct:rights", None, 1, "BlankNodeOrIRI", ""),
    ("dct:conformsTo", None, None, "BlankNodeOrIRI", ""),
    ("dcat:accessService", None, None, "BlankNodeOrIRI", "dcat:DataService"),
    ("dcat:compressFormat", None, 1, "IRI", ""),
    ("dcat:packageFormat", None, 1, "IRI", ""),
    ("dcat:spatialResolutionInMeters", None, None, "Literal", ""),
    ("dcat:temporalResolution", None, 1, "Literal", ""),
    ("dcatde:licenseAttributionByText", None, None, "Literal", ""),
    ("dcatde:plannedAvailability", None, 1, "IRI", ""),
]
AGENT: list[Row] = [
    ("foaf:name", 1, None, "Literal", ""),
    ("dct:type", None, 1, "BlankNodeOrIRI", ""),
    ("foaf:mbox", None, None, "IRI", ""),
    ("foaf:homepage", None, None, "IRI", ""),
]
KIND: list[Row] = [("vcard:fn", 1, None, "Literal", ""), ("vcard:hasEmail", 1, None, "IRI", "")]
PERIOD: list[Row] = [
    ("dcat:startDate", None, 1, "Literal", ""),
    ("dcat:endDate", None, 1, "Literal", ""),
]
LOCATION: list[Row] = [("dcat:bbox", None, 1, "Literal", ""), ("dcat:centroid", None, 1, "Literal", "")]
CHECKSUM: list[Row] = [
    ("spdx:algorithm", 1, 1, "IRI", "spdx:ChecksumAlgorithm"),
    ("spdx:checksumValue", 1, 1, "Literal", ""),
]
RESOURCES = {
    "dcat:Catalog": CATALOGUE,
    "dcat:Dataset": DATASET,
    "dcat:Distribution": DISTRIBUTION,
    "dcat:DataService": SERVICE,
    "foaf:Agent": AGENT,
    "vcard:Kind": KIND,
    "dct:PeriodOfTime": PERIOD,
    "dct:Location": LOCATION,
    "spdx:Checksum": CHECKSUM,
}
# property: vocabulary and severity, for each class that uses it
CONTROLLED = {
    "dcat:Dataset": {
        "dcat:theme": "theme",
        "dct:language": "language",
        "dct:accrualPeriodicity": "frequency",
        "dct:accessRights": "access",
        "dcatde:politicalGeocodingLevelURI": "level",
        "dcatde:politicalGeocodingURI": "municipality",
        "dcatde:contributorID": "contributor",
    },
    "dcat:Distribution": {
        "dct:format": "format",
        "dct:language": "language",
        "dct:license": "license",
        "dcatap:availability": "availability",
        "adms:status": "status",
    },
    "dcat:Catalog": {"dct:language": "language"},
}


def turtle() -> str:
    """The shapes graph."""
    prefixes = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items())
    head = f"{prefixes}@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix f: <{SHAPES}> .\n"
    return head + "\n".join(_shapes()) + MORE


def _shapes() -> Iterator[str]:
    for kind, rows in RESOURCES.items():
        name = kind.split(":")[1]
        yield f"f:{name} a sh:NodeShape ; sh:targetClass {kind} .\n"
        for n, row in enumerate(rows):
            for part, constraint in _constraints(row):
                yield (
                    f"f:{name} sh:property f:{name}-{n}-{part} .\nf:{name}-{n}-{part} a sh:PropertyShape ;\n"
                    f"  sh:path {row[0]} ; {constraint} ; sh:severity sh:Violation ;\n"
                    f'  sh:message "{row[0]}: {part}"@en, "{row[0]}: {part} falsch"@de .\n'
                )
        for n, (path, vocabulary) in enumerate(CONTROLLED.get(kind, {}).items()):
            yield (
                f"f:{name} sh:property [ sh:path {path} ; sh:node f:In-{vocabulary} ;\n"
                f"  sh:severity sh:Warning ; sh:order {n} ] .\n"
            )
    for name, vocabulary in VOCABULARIES.items():
        yield (
            f"f:In-{name} a sh:NodeShape ;\n  sh:property [ sh:path skos:inScheme ; "
            f"sh:hasValue <{vocabulary.scheme}> ; sh:minCount 1 ; sh:nodeKind sh:IRI ] .\n"
        )


def _constraints(row: Row) -> Iterator[tuple[str, str]]:
    _, least, most, kind, wanted = row
    if least is not None:
        yield "least", f"sh:minCount {least}"
    if most is not None:
        yield "most", f"sh:maxCount {most}"
    yield "kind", f"sh:nodeKind sh:{kind}"
    if wanted:
        yield "class", f"sh:class {wanted}"


MORE = f"""
f:Date a sh:NodeShape ; sh:or (
  [ sh:datatype xsd:date ] [ sh:datatype xsd:dateTime ]
  [ sh:datatype xsd:gYear ] [ sh:datatype xsd:gYearMonth ] ) .
f:Dataset sh:property
  [ sh:path dct:issued ; sh:node f:Date ], [ sh:path dct:modified ; sh:node f:Date ],
  [ sh:path dct:title ; sh:minLength 3 ], [ sh:path dct:identifier ; sh:pattern "^https?://" ; sh:flags "i" ],
  [ sh:path dct:title ; sh:uniqueLang true ; sh:severity sh:Info ],
  [ sh:path dcat:distribution ;
    sh:qualifiedValueShape [ sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ] ] ;
    sh:qualifiedMinCount 1 ; sh:severity f:critical ],
  [ sh:path [ sh:alternativePath ( dct:publisher dct:creator ) ] ; sh:minCount 1 ; sh:severity sh:Warning ],
  [ sh:path [ sh:inversePath dcat:dataset ] ; sh:minCount 1 ; sh:class dcat:Catalog ],
  [ sh:path dct:publisher ; sh:not [ sh:nodeKind sh:Literal ] ],
  [ sh:path dct:license ; sh:maxCount 0 ; sh:severity sh:Warning ],
  [ sh:path ( dcat:distribution dcat:byteSize ) ; sh:datatype xsd:decimal ; sh:severity sh:Info ],
  [ sh:path dct:description ; sh:minCount 1 ; sh:deactivated true ] .
f:Distribution sh:property
  [ sh:path dct:modified ; sh:node f:Date ], [ sh:path dct:issued ; sh:node f:Date ],
  [ sh:path dcat:byteSize ; sh:datatype xsd:nonNegativeInteger ; sh:severity sh:Warning ],
  [ sh:path dcat:byteSize ; sh:minInclusive 0 ],
  [ sh:path dcat:accessURL ; sh:pattern "^(https?|ftp)://[^ ]+$" ],
  [ sh:path dct:license ; sh:pattern "^http://dcat-ap.de/def/licenses/" ; sh:severity sh:Warning ],
  [ sh:path [ sh:inversePath dcat:distribution ] ; sh:minCount 1 ; sh:maxCount 1 ] .
f:PeriodOfTime sh:property
  [ sh:path dcat:startDate ; sh:lessThanOrEquals dcat:endDate ], [ sh:path dcat:startDate ; sh:node f:Date ],
  [ sh:path dcat:endDate ; sh:node f:Date ] ;
  sh:or ( [ sh:property [ sh:path dcat:startDate ; sh:minCount 1 ] ]
    [ sh:property [ sh:path dcat:endDate ; sh:minCount 1 ] ] ) .
f:Checksum sh:property [ sh:path spdx:checksumValue ; sh:datatype xsd:hexBinary ; sh:minLength 32 ] .
f:Location sh:property
  [ sh:path dcat:bbox ; sh:datatype <http://www.opengis.net/ont/geosparql#wktLiteral> ] .
f:EveryPublisher a sh:NodeShape ; sh:targetObjectsOf dct:publisher ;
  sh:class foaf:Agent ; sh:nodeKind sh:BlankNodeOrIRI .
f:EverythingWithAMail a sh:NodeShape ; sh:targetSubjectsOf vcard:hasEmail ;
  sh:property [ sh:path vcard:hasEmail ; sh:pattern "^mailto:" ] .
f:EverythingWithALicence a sh:NodeShape ; sh:targetSubjectsOf dct:license ;
  sh:property [ sh:path dct:license ; sh:nodeKind sh:IRI ] .
f:German a sh:NodeShape ; sh:targetNode <{EU}language/DEU> ;
  sh:property [ sh:path skos:inScheme ; sh:in ( <{EU}language> ) ],
    [ sh:path skos:prefLabel ; sh:languageIn ( "de" "en" ) ] .
f:Concept a sh:NodeShape ; sh:targetClass skos:Concept ;
  sh:property [ sh:path skos:inScheme ; sh:minCount 1 ; sh:class skos:ConceptScheme ],
    [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:nodeKind sh:Literal ; sh:uniqueLang true ] .
"""
