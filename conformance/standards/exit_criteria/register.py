"""What the provider has to publish: register of formats, procedure, limits, jurisdiction (Data Act, Art. 26, 28)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks import Look, check, expect, observation
from conformance.engines.documents import Document, answer, parse_json
from conformance.model import Exchange, Subject, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.declared import Standard, standards_in
from conformance.standards.exit_criteria.files import Files
from conformance.standards.exit_criteria.lists import Categories, Category, Listed
from conformance.standards.exit_criteria.pages import Published, looks_for, names, published
from conformance.standards.exit_criteria.rehearsals import Rehearsal

_DATED = re.compile(r"\b(?:20\d\d-\d\d-\d\d|\d{1,2}\.\d{1,2}\.20\d\d|Stand|Version|updated)\b", re.IGNORECASE)
PROCEDURE = {
    say("das Wechselverfahren", "the switching procedure"): (
        "Verfahren",
        "Ablauf",
        "Wechsel",
        "procedure",
        "switching",
    ),
    say("die Formate", "the formats"): ("Format", "Formate", "Formaten", "formats", "format"),
    say("bekannte Grenzen", "known limits"): (
        "Grenze",
        "Grenzen",
        "Begrenzung",
        "Höchstzahl",
        "limit",
        "limits",
    ),
}
JURISDICTION = {
    say("die Rechtsordnung der Infrastruktur", "the jurisdiction of the infrastructure"): (
        "Rechtsordnung",
        "Jurisdiktion",
        "Gerichtsbarkeit",
        "unterliegt dem Recht",
        "jurisdiction",
    ),
    say(
        "die Schutzmaßnahmen gegen Zugriffe aus Drittstaaten", "measures against access from third countries"
    ): (
        "Maßnahmen",
        "Schutzmaßnahmen",
        "measures",
    ),
}


@observation(requests=1)
def register_page(http: Http, subject: Subject) -> Published:
    """The online register of data structures, formats and standards."""
    return published(http, subject, "register")


@check("exit.register.published")
def register_published(register_page: Published, categories: Categories) -> Iterator[Look]:
    """The register can be read by everybody and names every category with format, standard and version."""
    yield register_page.there
    if not register_page.text:
        return
    for category in categories.of("data", "files", "configuration"):
        missing = [word for word in _told(category) if not names(register_page.text, word)]
        yield expect(
            not missing,
            register_page.exchange,
            expected=say("{c} mit Format und Standard", "{c} with format and standard", c=category.name),
            got=say("nicht genannt: {m}", "not named: {m}", m=", ".join(missing)),
            pointer=category.name,
        )
    dated = answer(register_page.exchange).header("last-modified") or _DATED.search(register_page.text)
    yield expect(
        bool(dated),
        register_page.exchange,
        expected=say("Last-Modified oder ein Stand", "Last-Modified or a date"),
        got=say("keines von beiden", "neither"),
    )


def _told(category: Category) -> list[str]:
    row = category.row
    words = [category.name, category.entity, row["format"], row["standard"], row["version"]]
    return [word for word in words if word]


@check("exit.register.current")
def register_current(register_page: Published, root: tuple[Exchange, Any], listed: Listed) -> Iterator[Look]:
    """The register names the standards that the platform declares and the media types that it delivers."""
    standards = standards_in(*root)
    for standard in standards if register_page.text else ():
        yield _named(register_page, standard)
    types = {answer(page).media_type for one in listed.data() for page in one.pages}
    for media_type in sorted(types - {""}) if register_page.text else ():
        yield expect(
            names(register_page.text, media_type),
            register_page.exchange,
            expected=say("{m} im Register", "{m} in the register", m=media_type),
            got=say("nicht genannt", "not named"),
            pointer=media_type,
        )


def _named(page: Published, standard: Standard) -> Look:
    pattern = rf"{re.escape(standard.name)}\W.{{0,60}}?(?<![\d.]){re.escape(standard.version)}(?![\d])"
    return expect(
        re.search(pattern, page.text, re.IGNORECASE | re.DOTALL) is not None,
        page.exchange,
        expected=say("{n} {v} im Register", "{n} {v} in the register", n=standard.name, v=standard.version),
        got=say("diese Version ist nicht genannt", "this version is not named"),
        pointer=standard.uri,
    )


@check("exit.register.procedure-published")
def procedure_published(http: Http, subject: Subject, files: Files) -> Iterator[Look]:
    """The page tells procedure, formats and limits, and what the rehearsal could not get out."""
    page = published(http, subject, "procedure")
    yield page.there
    if page.text:
        yield from looks_for(page.exchange, page.text, PROCEDURE)
        for what in _not_exported(files):
            yield expect(
                names(page.text, what),
                page.exchange,
                expected=say("{w} als Grenze des Exports", "{w} as a limit of the export", w=what),
                got=say("nicht genannt", "not named"),
            )


def _not_exported(files: Files) -> Iterator[str]:
    """The kinds of which the rehearsal got less than was announced; none if there is no rehearsal."""
    if files.find("rehearsal.json") is not None:
        exchange, data = files.need_json("rehearsal.json")
        for kind in Rehearsal(exchange, data).kinds:
            announced, extracted = kind.get("announced"), kind.get("extracted")
            if isinstance(announced, int) and isinstance(extracted, int) and extracted < announced:
                yield str(kind.get("kind"))


@check("exit.register.jurisdiction-published")
def jurisdiction_published(http: Http, subject: Subject) -> Iterator[Look]:
    """The page names the jurisdiction and the measures."""
    page = published(http, subject, "jurisdiction")
    yield page.there
    if page.text:
        yield from looks_for(page.exchange, page.text, JURISDICTION)


@observation()
def portability_statement(files: Files) -> Document:
    """The provider's statement on portability."""
    return parse_json(files.need("portability-statement.json"))
