"""How dates are written (DCAT-AP 3.0, "Temporal Literal"; 2.1.1, ranges of the date properties).

SHACL compares datatypes well, but many engines rewrite a literal before they look at it. Here the spelling of
the source counts, by XML Schema 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import Look
from conformance.engines.graphs.literals import well_formed
from conformance.engines.graphs.terms import LITERAL, XSD, Term, literal_parts
from conformance.model import literal, say
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks, shortened
from conformance.standards.dcat_ap.terms import term

DATES = ("dcterms:issued", "dcterms:modified", "dcat:startDate", "dcat:endDate")
DATATYPES = tuple(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))

_TYPED = say(
    "ein Datum vom Datentyp xsd:date, xsd:dateTime, xsd:gYear oder xsd:gYearMonth",
    "a date of datatype xsd:date, xsd:dateTime, xsd:gYear or xsd:gYearMonth",
)


@check("dcat-ap.dates.typed")
def dates_typed(catalogue: Catalogue) -> Iterator[Look]:
    """Dates are no texts."""
    good, bad = 0, []
    for path, focus, value in _written(catalogue):
        if literal_parts(value).datatype in DATATYPES:
            good += 1
        else:
            bad.append(Deviation(focus, path, value, _TYPED))
    yield from looks(catalogue, good, bad)


@check("dcat-ap.dates.well-formed")
def dates_well_formed(catalogue: Catalogue) -> Iterator[Look]:
    """Dates with a datatype for dates have its spelling and exist."""
    good, bad = 0, []
    for path, focus, value in _written(catalogue):
        lexical, datatype, _ = literal_parts(value)
        if datatype not in DATATYPES:
            continue
        if well_formed(lexical, datatype):
            good += 1
        else:
            example = literal(f"{_EXAMPLES[datatype]} ({shortened(datatype)})")
            bad.append(Deviation(focus, path, value, say("wie {e}", "like {e}", e=example)))
    yield from looks(catalogue, good, bad)


def _written(catalogue: Catalogue) -> Iterator[tuple[str, Term, Term]]:
    """Every date of what the profile describes, if it is written as a literal; others have their own requirements."""
    described = frozenset[Term]().union(
        *(catalogue.columns.instances(term(kind), focus_only=True) for kind in _DATED)
    )
    for path in DATES:
        for focus, value in catalogue.columns.column(term(path)).pairs():
            if value[0] == LITERAL and focus in described:
                yield path, focus, value


_DATED = (
    "dcat:Catalog",
    "dcat:CatalogRecord",
    "dcat:Dataset",
    "dcat:DatasetSeries",
    "dcat:Distribution",
    "dcterms:PeriodOfTime",
)
_EXAMPLES = dict(zip(DATATYPES, ("2026-09-12", "2026-09-12T08:00:00+02:00", "2026", "2026-09"), strict=True))
