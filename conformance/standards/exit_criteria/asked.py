"""The questions, criterion by criterion; thresholds are those of the law where it has one, otherwise proposals."""

from __future__ import annotations

from conformance.model import Text, say
from conformance.standards.exit_criteria.questions import Question

OPEN_LICENCES = (
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "EUPL-1.2",
    "MIT",
    "Apache-2.0",
    "DL-DE-ZERO-2.0",
    "DL-DE-BY-2.0",
)
YEAR = 366  # days


def _number(criterion: str, name: str, text: Text, unit: str, **limits: float | str | bool) -> Question:
    return Question(criterion, name, text, "number", unit, **limits)  # type: ignore[arg-type]


def _yes(criterion: str, name: str, text: Text, wanted: bool = True) -> Question:
    return Question(criterion, name, text, "yes-no", wanted=wanted)


CONTRACT = (
    Question(
        "exit.contract.categories-listed",
        "annex",
        say(
            "An welcher Stelle des Vertrags stehen die Kategorien?",
            "Where in the contract are the categories?",
        ),
        "text",
    ),
    _yes(
        "exit.contract.exemptions-harmless",
        "exhaustive",
        say(
            "Zählt der Vertrag die ausgenommenen internen Daten abschließend auf?",
            "Does the contract list the exempted internal data exhaustively?",
        ),
    ),
    _number(
        "exit.contract.notice-and-transition",
        "notice",
        say(
            "Wie lang ist die Kündigungsfrist für den Wechsel höchstens?",
            "What is the longest notice for switching?",
        ),
        "months",
        at_most=2,
    ),
    _number(
        "exit.contract.notice-and-transition",
        "transition",
        say(
            "Wie lang ist die Übergangsfrist im Regelfall höchstens?",
            "What is the longest transition as a rule?",
        ),
        "days",
        at_most=30,
    ),
    _number(
        "exit.contract.notice-and-transition",
        "exceptional-transition",
        say(
            "Wie lang ist sie im begründeten Einzelfall höchstens?",
            "How long is it at most in a justified single case?",
        ),
        "months",
        at_most=7,
        optional=True,
    ),
    _number(
        "exit.contract.retrieval-period",
        "retrieval",
        say(
            "Wie lange sind die Daten nach dem Übergang abrufbar?",
            "How long can the data be retrieved after the transition?",
        ),
        "days",
        at_least=30,
    ),
    Question(
        "exit.contract.retrieval-period",
        "ended-tenant",
        say(
            "Adresse eines beendeten Testmandanten, der noch Daten liefert",
            "Address of a terminated test tenant that still delivers data",
        ),
        "address",
        optional=True,
    ),
    _yes(
        "exit.contract.erasure-confirmed",
        "clause",
        say(
            "Sichert der Vertrag die vollständige Löschung nach dem Abruf zu?",
            "Does the contract guarantee complete erasure after retrieval?",
        ),
    ),
    _yes(
        "exit.contract.erasure-confirmed",
        "confirmed",
        say(
            "Wird die Löschung mit Datum und einschließlich Sicherungen bestätigt?",
            "Is the erasure confirmed with a date and including backups?",
        ),
    ),
    Question(
        "exit.contract.erasure-confirmed",
        "erased",
        say(
            "Frühere Adressen eines gelöschten Testmandanten",
            "Former addresses of an erased test tenant",
        ),
        "addresses",
        optional=True,
    ),
    _yes(
        "exit.contract.no-switching-charges",
        "complete",
        say(
            "Nennt price-sheet.csv alle Entgelte, die ein Wechsel auslöst?",
            "Does price-sheet.csv state all charges that switching causes?",
        ),
    ),
    _yes(
        "exit.contract.data-ownership",
        "rights-with-municipality",
        say(
            "Bleiben alle Rechte an Rohdaten und abgeleiteten Daten bei der Kommune?",
            "Do all rights in raw and derived data stay with the municipality?",
        ),
    ),
    _yes(
        "exit.contract.data-ownership",
        "exclusive-vendor-rights",
        say(
            "Erhält der Anbieter ausschließliche Rechte an Daten?",
            "Does the provider get exclusive rights in data?",
        ),
        wanted=False,
    ),
    _yes(
        "exit.contract.data-ownership",
        "own-use-by-vendor",
        say(
            "Darf der Anbieter die Daten für eigene Zwecke verwenden, etwa zum Training?",
            "May the provider use the data for its own purposes, such as training?",
        ),
        wanted=False,
    ),
)
INTERFACE = (
    _number(
        "exit.interface.open-to-everybody",
        "charge",
        say(
            "Was kostet der Zugang zur Schnittstelle für Kunden und Zielanbieter?",
            "What does access to the interface cost customers and destination providers?",
        ),
        "EUR",
        at_most=0,
    ),
    _yes(
        "exit.interface.open-to-everybody",
        "third-parties",
        say(
            "Erhielt ein Dritter in der Probe Zugang auf dem beschriebenen Weg?",
            "Did a third party get access in the trial by the way described?",
        ),
    ),
    _yes(
        "exit.interface.open-to-everybody",
        "same-operations-and-limits",
        say(
            "Gelten für ihn dieselben Funktionen und Grenzen wie für die eigene Oberfläche?",
            "Do the same operations and limits hold for it as for the vendor's own user interface?",
        ),
    ),
    _number(
        "exit.interface.versions-announced",
        "period",
        say(
            "Wie lange vor der Abschaltung wird eine Version abgekündigt?",
            "How long before it is switched off is a version's end announced?",
        ),
        "months",
        at_least=12,
    ),
    _number(
        "exit.interface.changes-notified",
        "delay",
        say(
            "Nach wie vielen Sekunden kam die Meldung beim eigenen Empfänger an?",
            "After how many seconds did the notification arrive at one's own receiver?",
        ),
        "seconds",
        at_most=300,
    ),
    _number(
        "exit.interface.changes-notified",
        "lost",
        say("Wie viele Meldungen gingen verloren?", "How many notifications were lost?"),
        "number",
        at_most=0,
    ),
    _yes(
        "exit.export.self-service",
        "without-ticket",
        say(
            "Startet die Kommune den Vollexport selbst, ohne Ticket?",
            "Does the municipality start the full export itself, without a ticket?",
        ),
    ),
    _yes(
        "exit.export.self-service",
        "at-any-time",
        say("Geht das jederzeit?", "Is that possible at any time?"),
    ),
    _number(
        "exit.export.self-service",
        "hours",
        say(
            "Nach wie vielen Stunden lag der Export in der Probe vor?",
            "After how many hours was the export there in the trial?",
        ),
        "hours",
        at_most=24,
    ),
    Question(
        "exit.export.audit-log-included",
        "contract-start",
        say("Wann begann der Vertrag?", "When did the contract start?"),
        "date",
    ),
)
REHEARSAL = (
    _number(
        "exit.rehearsal.in-agreed-time",
        "agreed",
        say(
            "Welche Dauer ist für den ganzen Umzug vereinbart?",
            "Which duration is agreed for the whole move?",
        ),
        "hours",
    ),
    _number(
        "exit.rehearsal.in-agreed-time",
        "support-contacts",
        say(
            "Wie oft war in der Probe Hilfe des Herstellers nötig?",
            "How often was the vendor's help needed in the rehearsal?",
        ),
        "number",
        at_most=0,
    ),
    _number(
        "exit.rehearsal.parallel-operation",
        "changes",
        say(
            "Wie viele Änderungen wurden in das erste System geschrieben?",
            "How many changes were written to the first system?",
        ),
        "number",
        at_least=100,
    ),
    _number(
        "exit.rehearsal.parallel-operation",
        "missing",
        say(
            "Wie viele fehlten nach fünf Minuten im zweiten?",
            "How many were missing in the second after five minutes?",
        ),
        "number",
        at_most=0,
    ),
    _number(
        "exit.rehearsal.parallel-operation",
        "delay",
        say("Wie groß war die größte Verzögerung?", "What was the longest delay?"),
        "seconds",
        at_most=300,
    ),
)
ARTEFACT = (
    _number(
        "exit.artefact.maintained",
        "commits",
        say(
            "Wie viele Commits gab es in den letzten sechs Monaten?",
            "How many commits were there in the last six months?",
        ),
        "number",
        at_least=5,
    ),
    Question(
        "exit.artefact.maintained",
        "last-release",
        say("Wann war die letzte Veröffentlichung?", "When was the last release?"),
        "date",
        days=184,
    ),
    _number(
        "exit.artefact.maintained",
        "essential-contributors",
        say("Wie viele wesentliche Beitragende gibt es?", "How many essential contributors are there?"),
        "number",
        at_least=2,
    ),
    _yes(
        "exit.artefact.maintained",
        "security-policy",
        say("Gibt es SECURITY.md?", "Is there a SECURITY.md?"),
    ),
    _yes(
        "exit.artefact.maintained",
        "protected-branch",
        say("Ist der Hauptzweig geschützt?", "Is the default branch protected?"),
    ),
    _yes(
        "exit.artefact.operable-by-others",
        "installed-by-third-party",
        say(
            "Installierte ein Dritter das Produkt allein aus den gelieferten Artefakten?",
            "Did a third party install the product from the artefacts delivered alone?",
        ),
    ),
    _number(
        "exit.artefact.operable-by-others",
        "agreed",
        say("Welche Dauer ist dafür angegeben?", "Which duration is stated for that?"),
        "hours",
    ),
    _number(
        "exit.artefact.operable-by-others",
        "needed",
        say("Wie lange dauerte es?", "How long did it take?"),
        "hours",
        not_above="agreed",
    ),
    Question(
        "exit.artefact.escrow",
        "agent",
        say("Bei wem ist der Quellcode hinterlegt?", "With whom is the source code deposited?"),
        "text",
    ),
    Question(
        "exit.artefact.escrow",
        "last-verified-build",
        say(
            "Wann wurde zuletzt aus der Hinterlegung gebaut?",
            "When was a build last made from the deposit?",
        ),
        "date",
        days=YEAR,
    ),
    Question(
        "exit.artefact.escrow",
        "triggers",
        say("Wann wird herausgegeben?", "What triggers the release?"),
        "list",
        contains=("insolvency", "end-of-support"),
    ),
    Question(
        "exit.artefact.documentation",
        "licence",
        say(
            "Unter welcher Lizenz (SPDX) steht die Dokumentation?",
            "Under which licence (SPDX) is the documentation?",
        ),
        "text",
        one_of=OPEN_LICENCES,
    ),
)
OTHERS = (
    _yes(
        "exit.open-data.formats-and-metadata",
        "harvested-by-govdata",
        say("Erntet GovData den Katalog?", "Does GovData harvest the catalogue?"),
    ),
    _yes(
        "exit.operation.foreign-sources",
        "connected-by-configuration",
        say(
            "Wurde eine fremde Quelle über einen Standard nur durch Konfiguration angebunden?",
            "Was a foreign source connected by a standard through configuration only?",
        ),
    ),
    _number(
        "exit.operation.foreign-sources",
        "charge",
        say("Was kostete die Anbindung?", "What did the connection cost?"),
        "EUR",
        at_most=0,
    ),
    _yes(
        "exit.operation.keys",
        "controlled-by-municipality",
        say(
            "Hat die Kommune die Hoheit über die Schlüssel?",
            "Does the municipality control the keys?",
        ),
    ),
    _yes(
        "exit.operation.keys",
        "export-readable-without-vendor",
        say(
            "Ließ sich ein Export ohne Schlüssel des Herstellers entschlüsseln?",
            "Could an export be decrypted without the vendor's key?",
        ),
    ),
    _yes(
        "exit.operation.emergency-exit",
        "from-stored-exports",
        say(
            "Lief ein Zweitsystem allein aus abgelegten Exporten?",
            "Did a second system run from stored exports alone?",
        ),
    ),
    _number(
        "exit.operation.emergency-exit",
        "agreed-age",
        say("Wie alt dürfen die Daten sein (RPO)?", "How old may the data be (RPO)?"),
        "hours",
    ),
    _number(
        "exit.operation.emergency-exit",
        "age",
        say("Wie alt waren sie?", "How old were they?"),
        "hours",
        not_above="agreed-age",
    ),
    _number(
        "exit.operation.emergency-exit",
        "agreed-duration",
        say("Wie lange darf es dauern (RTO)?", "How long may it take (RTO)?"),
        "hours",
    ),
    _number(
        "exit.operation.emergency-exit",
        "duration",
        say("Wie lange dauerte es?", "How long did it take?"),
        "hours",
        not_above="agreed-duration",
    ),
)
QUESTIONS = (*CONTRACT, *INTERFACE, *REHEARSAL, *ARTEFACT, *OTHERS)
CRITERIA = tuple(dict.fromkeys(each.criterion for each in QUESTIONS))


def of(criterion: str) -> tuple[Question, ...]:
    """The questions of a criterion."""
    return tuple(each for each in QUESTIONS if each.criterion == criterion)
