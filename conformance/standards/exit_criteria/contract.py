"""What the contract says: categories, exemptions, periods, erasure, charges, handbook (Data Act, Art. 25, 29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from conformance.checks import Look, TooLittle, Unavailable, check, expect
from conformance.engines.documents import answer
from conformance.model import Exchange, FaultOwner, literal, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.files import Files
from conformance.standards.exit_criteria.lists import SAMPLE, Categories, entity_kinds
from conformance.standards.exit_criteria.pages import looks_for
from conformance.standards.exit_criteria.tables import Row, table, text_of

NO_CHARGES_FROM = date(2027, 1, 12)  # Data Act, Art. 29(1)
PRICES = ("position", "kind", "eur", "cost_eur")
CHARGES = ("export", "egress", "exit-support", "switching", "interface")
HANDBOOK = ("exit-handbook.md", "exit-handbook.txt", "exit-handbook.html")
TOPICS = {
    say("Rollen und Zuständigkeiten", "roles and responsibilities"): (
        "Rollen",
        "Zuständigkeiten",
        "roles",
        "responsibilities",
    ),
    say("Dauern und Zeitplan", "durations and schedule"): (
        "Dauer",
        "Dauern",
        "Zeitplan",
        "duration",
        "durations",
        "schedule",
    ),
    say("Abhängigkeiten", "dependencies"): ("Abhängigkeiten", "dependencies"),
    say("Stand oder Datum", "version or date"): ("Stand", "Datum", "Version", "date", "last updated"),
}


@check("exit.contract.categories-listed")
def categories_listed(answers: Answers, categories: Categories, root: tuple[Exchange, Any]) -> Iterator[Look]:
    """The contract names what the platform has, and the platform has what the contract names."""
    yield from answers.looks("exit.contract.categories-listed")
    there = entity_kinds(root[1])
    if not there:
        raise TooLittle(
            say(
                "Die Einstiegsseite zählt keine Objektarten auf.", "The entry page lists no kinds of objects."
            )
        )
    named = {one.entity for one in categories.all}
    for kind in there:
        yield expect(
            kind in named,
            categories.table.exchange,
            expected=say("eine Kategorie für {k}", "a category for {k}", k=kind),
            got=say("nicht in der Liste des Vertrags", "not in the list of the contract"),
            pointer=kind,
        )
    for category in categories.of("data"):
        yield expect(
            category.entity in there or bool(category.address and not category.entity),
            root[0],
            expected=say("{k} an der Schnittstelle", "{k} at the interface", k=category.entity),
            got=say("gibt es dort nicht", "not there"),
            pointer=category.row.place,
        )


@check("exit.contract.exemptions-harmless")
def exemptions_harmless(answers: Answers, files: Files, root: tuple[Exchange, Any]) -> Iterator[Look]:
    """Nothing that the open interface offers is exempted."""
    yield from answers.looks("exit.contract.exemptions-harmless")
    exempted = table(files, "exemptions", ("category", "entity", "reason"))
    there = set(entity_kinds(root[1]))
    for row in exempted:
        yield expect(
            row["entity"] not in there and bool(row["reason"]),
            exempted.exchange,
            expected=say("interne Daten mit Begründung", "internal data with a reason"),
            got=say(
                "{c} ({e}), Begründung: {r}",
                "{c} ({e}), reason: {r}",
                c=row["category"],
                e=row["entity"],
                r=row["reason"] or "–",
            ),
            pointer=row.place,
        )


@check("exit.contract.notice-and-transition")
def notice_and_transition(answers: Answers) -> Iterator[Look]:
    """Both periods are within the law."""
    yield from answers.looks("exit.contract.notice-and-transition")


@check("exit.contract.retrieval-period")
def retrieval_period(answers: Answers, http: Http) -> Iterator[Look]:
    """The period is long enough, and a terminated tenant still delivers."""
    criterion = "exit.contract.retrieval-period"
    yield from answers.looks(criterion)
    tenant = answers.value(criterion, "ended-tenant")
    if tenant:
        exchange = http.get(tenant)
        yield _status(exchange, (200,))


@check("exit.contract.erasure-confirmed")
def erasure_confirmed(answers: Answers, http: Http) -> Iterator[Look]:
    """Erasure is guaranteed and confirmed, and nothing is left at former addresses."""
    criterion = "exit.contract.erasure-confirmed"
    yield from answers.looks(criterion)
    for address in (answers.value(criterion, "erased") or ())[:SAMPLE]:
        yield _status(http.get(address), (404, 410))


def _status(exchange: Exchange, wanted: tuple[int, ...]) -> Look:
    status = answer(exchange).status
    return expect(
        status in wanted,
        exchange,
        expected=say("Status {w}", "status {w}", w=" / ".join(map(str, wanted))),
        got=literal(status),
    )


@check("exit.contract.no-switching-charges")
def no_switching_charges(answers: Answers, files: Files, moment: datetime) -> Iterator[Look]:
    """Switching costs nothing, or until 12 January 2027 at most what it costs the provider."""
    yield from answers.looks("exit.contract.no-switching-charges")
    prices = table(files, "price-sheet", PRICES)
    free = moment.date() >= NO_CHARGES_FROM
    for row in prices:
        if row["kind"] in CHARGES:
            price, cost = _euro(row, "eur"), _euro(row, "cost_eur")
            yield expect(
                price == 0 or (not free and cost is not None and price is not None and price <= cost),
                prices.exchange,
                expected=literal("0 EUR")
                if free
                else say("0 EUR oder höchstens die Kosten", "0 EUR or at most the cost"),
                got=say(
                    "{p}: {e} EUR, Kosten {c}",
                    "{p}: {e} EUR, cost {c}",
                    p=row["position"],
                    e=row["eur"] or "–",
                    c=row["cost_eur"] or "–",
                ),
                pointer=row.place,
            )


def _euro(row: Row, column: str) -> float | None:
    """An amount as people write it; None if none is stated. Raises Unavailable if it is no number."""
    text = row[column].replace(" ", "").replace("EUR", "").replace("€", "")
    if not text:
        return None
    try:
        return float(text.replace(".", "").replace(",", ".") if "," in text else text)
    except ValueError as error:
        raise Unavailable(
            say(
                "{p}: „{t}“ ist kein Betrag (Spalte {c}).",
                "{p}: {t!r} is not an amount (column {c}).",
                p=row.place,
                t=row[column],
                c=column,
            ),
            FaultOwner.CONFIGURATION,
        ) from error


@check("exit.contract.exit-handbook")
def exit_handbook(files: Files) -> Iterator[Look]:
    """The handbook names roles, durations, dependencies and its date."""
    found = files.need(*HANDBOOK)
    yield from looks_for(found, text_of(found), TOPICS)


@check("exit.contract.data-ownership")
def data_ownership(answers: Answers) -> Iterator[Look]:
    """Rights stay with the municipality."""
    yield from answers.looks("exit.contract.data-ownership")
