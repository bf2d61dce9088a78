"""The buyer's own documents: neutral, verifiable, open to equivalents, gate and score apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks import Look, check, expect
from conformance.model import literal, say
from conformance.standards.exit_criteria.files import Files
from conformance.standards.exit_criteria.tables import Row, table

#: Products and makers that specifications of urban platforms, sensors, geodata and open data name.
NAMES = (
    "ArcGIS",
    "Azure",
    "AWS",
    "CKAN",
    "Cumulocity",
    "Deutsche Telekom",
    "Esri",
    "FIWARE Orion",
    "FROST-Server",
    "GeoServer",
    "Google Cloud",
    "Hexagon",
    "ldproxy",
    "Microsoft",
    "MindSphere",
    "Oracle",
    "Orion-LD",
    "Power BI",
    "SAP",
    "ScorpioBroker",
    "Siemens",
    "Stellio",
    "ThingsBoard",
    "VMware",
    "piveau",
    "pygeoapi",
)
_NAMED = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, NAMES))})(?!\w)", re.IGNORECASE)
_OR_EQUIVALENT = re.compile(r"oder\s+gleichwertig|or\s+equivalent", re.IGNORECASE)
_REQUIREMENT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){1,3}")
PROOFS = ("document", "certificate", "test", "demonstration", "reference", "statement", "report", "sample")
PROOFS_DE = (
    "nachweis",
    "zertifikat",
    "test",
    "teststellung",
    "referenz",
    "eigenerklärung",
    "prüfbericht",
    "muster",
)


@check("exit.procurement.product-neutral")
def product_neutral(files: Files) -> Iterator[Look]:
    """No item names a product or maker without the addition that equivalents are welcome."""
    specification = table(files, "specification", ("position", "text"))
    own = _own_names(files)
    for row in specification:
        found = [match.group() for match in _NAMED.finditer(row["text"])]
        found += [
            name for name in own if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", row["text"], re.IGNORECASE)
        ]
        yield expect(
            not found or _OR_EQUIVALENT.search(row["text"]) is not None,
            specification.exchange,
            expected=say("keinen Produktnamen oder „oder gleichwertig“", 'no product, or "or equivalent"'),
            got=literal(f"{row['position']}: {', '.join(found)}"),
            pointer=row.place,
        )


def _own_names(files: Files) -> list[str]:
    """Further names that the user wants to be looked for."""
    if files.first("product-names.csv", "product-names.json") is None:
        return []
    return [row["name"] for row in table(files, "product-names", ("name",)) if row["name"]]


@check("exit.procurement.every-criterion-verifiable")
def every_criterion_verifiable(files: Files) -> Iterator[Look]:
    """Each item names the requirement that tests it, or a type of proof."""
    specification = table(files, "specification", ("position", "text", "requirement", "proof"))
    for row in specification:
        yield expect(
            is_requirement(row["requirement"]) or row["proof"].casefold() in (*PROOFS, *PROOFS_DE),
            specification.exchange,
            expected=say("eine Anforderung oder Nachweisart", "a requirement or a type of proof"),
            got=literal(f"{row['position']}: {row['requirement'] or '–'} {row['proof'] or '–'}"),
            pointer=row.place,
        )


def is_requirement(text: str) -> bool:
    """Whether a text consists of ids of requirements of this suite."""
    ids = text.replace(",", " ").split()
    return bool(ids) and all(_REQUIREMENT.fullmatch(one) for one in ids)


@check("exit.procurement.equivalents-accepted")
def equivalents_accepted(files: Files) -> Iterator[Look]:
    """Each foreign proof is mapped to a requirement, decided and justified; some are accepted."""
    mapped = table(files, "equivalents", ("evidence", "requirement", "status", "reason"))
    accepted = [row for row in mapped if _accepts(row)]
    yield expect(
        bool(accepted),
        mapped.exchange,
        expected=say("mindestens einen anerkannten Nachweis", "at least one proof that is accepted"),
        got=say("keinen", "none"),
    )
    for row in mapped:
        decided = _accepts(row) or row["status"].casefold() in ("rejected", "abgelehnt")
        yield expect(
            decided and bool(row["reason"]) and is_requirement(row["requirement"]),
            mapped.exchange,
            expected=say("Anforderung, Entscheidung und Begründung", "requirement, decision and reason"),
            got=literal(f"{row['evidence']}: {row['requirement']} {row['status']} {row['reason'] or '–'}"),
            pointer=row.place,
        )


def _accepts(row: Row) -> bool:
    return row["status"].casefold() in ("accepted as equivalent", "accepted", "gleichwertig", "anerkannt")


@check("exit.procurement.gate-and-score-apart")
def gate_and_score_apart(files: Files) -> Iterator[Look]:
    """Every criterion is an exclusion criterion or gives points, never both."""
    criteria = table(files, "criteria", ("criterion", "kind"))
    kinds: dict[str, set[str]] = {}
    for row in criteria:
        kinds.setdefault(row["criterion"], set()).add(row["kind"].strip().upper())
    for row in criteria:
        yield expect(
            row["kind"].strip().upper() in ("A", "B") and len(kinds[row["criterion"]]) == 1,
            criteria.exchange,
            expected=say("entweder A oder B", "either A or B"),
            got=literal(f"{row['criterion']}: {', '.join(sorted(kinds[row['criterion']]))}"),
            pointer=row.place,
        )
