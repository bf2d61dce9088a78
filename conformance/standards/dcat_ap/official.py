"""The text and the official shapes in two columns: annexes for those who supply the shapes (--bundle).

The verdict follows the text. Beside it the supplied shapes are applied to the same statements, and the report says
of every property what only the text raises, what only the shapes raise, what both raise, and why they differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from conformance.checks import observation
from conformance.engines.graphs import lint, prepare
from conformance.model import Annex, Text, literal, say
from conformance.model.annex import Cell
from conformance.session.http import Http
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.official_bundle import Bundle, bare, read_bundle, with_vocabulary
from conformance.standards.dcat_ap.official_compare import Row, compared, distinct
from conformance.standards.dcat_ap.official_groups import OfficialResults, gathered
from conformance.standards.dcat_ap.official_text import TextDeviations
from conformance.standards.dcat_ap.terms import PREFIXES

MOST = 500  # rows of a table
NAMED = 4  # requirements and conditions that a row names; the others are counted
SEVERITIES = ("Violation", "Warning", "Info")


@observation()
def official_shapes(http: Http) -> Bundle | None:
    """The shapes that the user supplied, with what is wrong with their files; None without a bundle."""
    return read_bundle(http)


@observation()
def official_results(official_shapes: Bundle | None, catalogue: Catalogue) -> OfficialResults | None:
    """What the supplied shapes say of the catalogue; None without a bundle."""
    if official_shapes is None:
        return None
    shapes = prepare(official_shapes.shapes)
    columns = with_vocabulary(catalogue.columns, official_shapes.vocabulary, shapes.plan.predicates)
    return gathered(shapes, columns)


@observation()
def annex_official(
    official_shapes: Bundle | None,
    official_results: OfficialResults | None,
    text_deviations: TextDeviations | None,
) -> Annex | None:
    """Text and shapes side by side, path by path."""
    if official_shapes is None or official_results is None or text_deviations is None:
        return None
    rows = compared(text_deviations, official_results)
    numbers = {
        side: sum(row.places for row in rows if row.side == side) for side in ("text", "shapes", "both")
    }
    return Annex(
        "official",
        say("Text und amtliche Shapes nebeneinander", "The text and the official shapes side by side"),
        _sentences(
            _INTRO_COMPARED,
            _verdict(official_shapes, official_results),
            say(*_SIDES_TOLD, text=numbers["text"], shapes=numbers["shapes"], both=numbers["both"]),
        ),
        (_PATH, _RAISED_BY, _PLACES, _REQUIREMENTS, _CONDITIONS, _REASON),
        tuple(_compared_row(row) for row in rows[:MOST]),
    )


@observation()
def annex_official_results(
    official_shapes: Bundle | None, official_results: OfficialResults | None
) -> Annex | None:
    """The verdict of the supplied shapes by themselves."""
    if official_shapes is None or official_results is None:
        return None
    groups = sorted(
        official_results.groups.items(), key=lambda one: (-one[1].results, str(one[0].path), str(one[0]))
    )
    return Annex(
        "official-results",
        say("Das Ergebnis der amtlichen Shapes", "The result of the official shapes"),
        _verdict(official_shapes, official_results),
        (_PATH, _CONDITION, _SEVERITY, _RESULTS, _PLACES, _EXAMPLE),
        tuple(
            (
                one.path,
                f"sh:{one.component} {one.inner}".strip(),
                one.severity,
                group.results,
                distinct(group.places),
                "[]" if group.example.startswith("_:") else group.example,
            )
            for one, group in groups[:MOST]
        ),
    )


@observation()
def annex_shapes_lint(
    official_shapes: Bundle | None, official_results: OfficialResults | None
) -> Annex | None:
    """What is wrong with the supplied files themselves."""
    if official_shapes is None:
        return None
    rows = [*_file_rows(official_shapes), *_lint_rows(official_shapes), *_run_rows(official_results)]
    return Annex(
        "shapes-lint",
        say("Befunde an den mitgegebenen Shapes", "Findings about the supplied shapes"),
        say(*_INTRO_LINT, n=len(official_shapes.files), d=official_shapes.digest),
        (_KIND, _WHERE, _TERM, _MEANING),
        tuple(islice(rows, MOST)),
    )


# --- rows -----------------------------------------------------------------------------------------


def _compared_row(row: Row) -> tuple[Cell, ...]:
    reason: Cell = "" if row.reason is None else row.reason
    if row.reason is not None and row.source:
        reason = say("{r} (Quelle: {s})", "{r} (source: {s})", r=row.reason, s=literal(row.source))
    return (
        row.path or "–",
        _SIDES[row.side],
        row.places,
        _few(row.requirements),
        _few(row.constraints),
        reason,
    )


def _few(names: Iterable[str]) -> str:
    names = list(names)
    more = f" (+{len(names) - NAMED})" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _file_rows(bundle: Bundle) -> Iterator[tuple[Cell, ...]]:
    for file in sorted(bundle.files, key=lambda one: (one.role != "unreadable", one.name)):
        if file.trouble is not None:
            meaning = say(*_PASSED_OVER, t=file.trouble)
            yield _UNREADABLE, file.name, "", meaning
        else:
            told = say(*_READ[file.role], n=file.statements)
            yield _FILE, file.name, f"sha256 {file.sha256}", told
    for address in bundle.imports:
        yield _IMPORT, "", address, _NOT_FETCHED


def _lint_rows(bundle: Bundle) -> Iterator[tuple[Cell, ...]]:
    for one in lint(bundle.shapes, PREFIXES.values()):
        yield _RULES[one.rule], bare(one.shape), bare(one.term), one.text


def _run_rows(results: OfficialResults | None) -> Iterator[tuple[Cell, ...]]:
    if results is None:
        return
    for shape in results.by_pyshacl:
        yield _OTHER_ENGINE, "[]" if shape.startswith("_:") else shape, "", _BY_PYSHACL
    if results.fault is not None:
        yield _NOT_CARRIED_OUT, "", "", results.fault


def _verdict(bundle: Bundle, results: OfficialResults) -> Text:
    violations, warnings, hints = map(results.count, SEVERITIES)
    others = sum(one.results for one in results.groups.values()) - violations - warnings - hints
    counted = say(
        *_COUNTED,
        n=len(bundle.files),
        d=bundle.digest[:16],
        v=violations,
        w=warnings,
        i=hints,
        o=others,
    )
    told = [counted]
    if not any(file.role == "shapes" for file in bundle.files):
        told.append(_NO_SHAPES)
    if results.fault is not None:
        told.append(say(*_FAULT, f=results.fault))
    return _sentences(*told)


def _sentences(*texts: Text) -> Text:
    return Text(" ".join(one.de for one in texts), " ".join(one.en for one in texts))


# --- texts ----------------------------------------------------------------------------------------

_INTRO_COMPARED = say(
    "Das Urteil folgt dem Text des Standards. Die Tabelle stellt ihm die mitgegebenen Shapes gegenüber: Eine Stelle "
    "ist eine Ressource mit einer Eigenschaft. Klassen, die der Text als Unterklassen kennt, gelten auf beiden Seiten. "
    "Wo eine Prüfung nur zählt und keine Ressourcen nennt, ist nach der Zahl verglichen.",
    "The verdict follows the text of the standard. The table sets the supplied shapes against it: a place is a "
    "resource with a property. Classes that the text knows as subclasses count on both sides. Where a check only "
    "counts and names no resources, places are compared by number.",
)
_COUNTED = (
    "Mitgegeben sind {n} Dateien (SHA-256 der Liste {d}…); ihre Shapes melden {v} Verstöße, {w} Warnungen, "
    "{i} Hinweise und {o} andere Ergebnisse.",
    "{n} files are supplied (SHA-256 of their list {d}…); their shapes report {v} violations, {w} warnings, "
    "{i} hints and {o} other results.",
)
_SIDES_TOLD = (
    "Nur der Text erhebt {text} Stellen, nur die Shapes {shapes}, beide {both}.",
    "The text alone raises {text} places, the shapes alone {shapes}, both {both}.",
)
_INTRO_LINT = (
    "Bevor die Shapes angewandt werden, sind sie selbst geprüft: Bedingungen, die nie etwas prüfen oder andere "
    "Werkzeuge anhalten, stehen hier. Sie ändern kein Urteil. {n} Dateien, SHA-256 ihrer Liste: {d}.",
    "Before the shapes are applied, they are examined themselves: conditions that never check anything or that stop "
    "other tools are named here. They change no verdict. {n} files, SHA-256 of their list: {d}.",
)
_FAULT = ("Ein Teil der Shapes war nicht anwendbar: {f}", "Some of the shapes could not be applied: {f}")
_NO_SHAPES = say("Keine der Dateien enthält lesbare Shapes.", "None of the files holds readable shapes.")
_PASSED_OVER = ("Die Datei ist übergangen: {t}", "The file is passed over: {t}")
_READ = {
    "shapes": ("{n} Aussagen mit Shapes.", "{n} statements with shapes."),
    "vocabulary": (
        "{n} Aussagen ohne Shapes: Sie werden nachgeschlagen, aber nicht beurteilt.",
        "{n} statements without shapes: they are looked up but not judged.",
    ),
    "context": (
        "Kontext für JSON-LD: Er zählt, wo Dateien auf ihn verweisen.",
        "Context of JSON-LD: it counts where files refer to it.",
    ),
}
_NOT_FETCHED = say(
    "Wird nie geholt. Liegt die Datei im selben Ordner, zählt sie mit; sonst können Bedingungen auslösen, die ihre "
    "Angaben brauchen.",
    "Never fetched. If the file lies in the same folder, it counts; otherwise conditions may fire that need what it "
    "says.",
)
_BY_PYSHACL = say(
    "Nutzt mehr als SHACL Core oder verweist auf sich selbst und läuft deshalb mit pySHACL.",
    "Uses more than SHACL Core or refers to itself and is therefore carried out by pySHACL.",
)
_SIDES = {
    "text": say("nur der Text", "the text only"),
    "shapes": say("nur die Shapes", "the shapes only"),
    "both": say("beide", "both"),
}
_PATH, _RAISED_BY, _PLACES = (
    say("Eigenschaft", "property"),
    say("erhoben von", "raised by"),
    say("Stellen", "places"),
)
_REQUIREMENTS, _CONDITIONS = (
    say("Anforderungen", "requirements"),
    say("Bedingungen der Shapes", "conditions of shapes"),
)
_REASON, _CONDITION = say("Grund des Unterschieds", "reason of the difference"), say("Bedingung", "condition")
_SEVERITY, _RESULTS = say("Schwere", "severity"), say("Ergebnisse", "results")
_EXAMPLE, _KIND, _WHERE = say("Beispiel", "example"), say("Art", "kind"), say("wo", "where")
_TERM, _MEANING = say("Begriff", "term"), say("Bedeutung", "meaning")
_FILE, _UNREADABLE, _IMPORT = (
    say("Datei", "file"),
    say("unlesbare Datei", "unreadable file"),
    say("Verweis", "import"),
)
_OTHER_ENGINE = say("anderes Werkzeug", "other engine")
_NOT_CARRIED_OUT = say("nicht angewandt", "not carried out")
_RULES = {
    "dangling-reference": say("Verweis ins Leere", "dangling reference"),
    "unknown-term": say("unbekannter Begriff", "unknown term"),
    "similar-namespace": say("fast richtiger Namensraum", "almost the right namespace"),
    "target-without-constraint": say("Ziel ohne Bedingung", "target without a condition"),
    "never-satisfiable": say("nie erfüllbar", "never satisfiable"),
    "literal-for-iri": say("Text statt IRI", "text instead of an IRI"),
    "ill-formed": say("nicht wohlgeformt", "ill-formed"),
}
