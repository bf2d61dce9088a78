"""The published list of literals on which we and pySHACL differ; ``python -m`` writes the page from it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

from conformance.model import Text


@dataclass(frozen=True, slots=True)
class LiteralCase:
    """A value, a constraint, and whether the value satisfies it: for us, following XSD 1.1, and for pySHACL."""

    constraint: str
    value: str
    xsd: bool
    pyshacl: bool
    why: Text


def literal_cases() -> tuple[LiteralCase, ...]:
    """The list."""
    text = (files("conformance.engines.graphs") / "literal_cases.csv").read_text(encoding="utf-8")
    return tuple(
        LiteralCase(
            row["constraint"],
            row["value"],
            row["xsd"] == "yes",
            row["pyshacl"] == "yes",
            Text(row["de"], row["en"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def page() -> str:
    """The list as a page in German and English."""
    return "\n".join([*_HEAD, *(_row(case) for case in literal_cases()), ""])


def _row(case: LiteralCase) -> str:
    answers = {True: "ja · yes", False: "nein · no"}
    cells = (
        f"`{_cell(case.constraint)}`",
        f"`{_cell(case.value)}`",
        answers[case.xsd],
        answers[case.pyshacl],
        f"{case.why.de} · *{case.why.en}*",
    )
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_HEAD = """# SHACL: Literale · Literals

**Deutsch.** Unsere SHACL-Prüfung großer Graphen urteilt über Literale nach XML Schema 1.1 Teil 2, und zwar über
die Schreibweise, die in der Datei steht; RDF entfernt davor und dahinter keine Leerzeichen. Das gilt für alle
Datentypen von XSD, auch für die, bei denen SHACL es nur empfiehlt (Jahre, Dauern, Sprachkennzeichen). Verglichen
wird mit den Operatoren von SPARQL 1.1, ergänzt um Datum, Uhrzeit und Dauer. pySHACL urteilt über die Werte, die
rdflib daraus macht. Die Tabelle nennt die bekannten Fälle, in denen das Urteil verschieden ist; ein Test hält
jeden davon gegen beide. Mit `like_pyshacl=True` urteilen wir wie pySHACL.

**English.** Our SHACL validation of large graphs judges literals by XML Schema 1.1 part 2, on the notation that
stands in the file; RDF removes no blanks around it. This holds for all datatypes of XSD, also for those for which
SHACL does not demand it (years, durations, language tags). Comparisons use the operators of SPARQL 1.1, with
dates, times and durations added. pySHACL judges the values that rdflib makes of them. The table names the known
cases in which the verdicts differ; a test holds each of them against both. With `like_pyshacl=True` we judge as
pySHACL does.

| Bedingung · constraint | Wert · value | erfüllt · satisfied | pySHACL | Grund · reason |
| --- | --- | --- | --- | --- |""".splitlines()


if __name__ == "__main__":
    print(page(), end="")
