"""Every sentence of the tender kit's pages and sheets, German and English."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from conformance.model import Language, Text, say
from conformance.tender.values import decimal_text

TEXTS: dict[str, Text] = {
    "evaluation": say("Wertung der Angebote", "Evaluation of bids"),
    "specification": say("Leistungsbeschreibung: offene Schnittstellen", "Specification: open interfaces"),
    "matrix": say("Bewertungsmatrix", "Evaluation matrix"),
    "skip": say("Zum Inhalt springen", "Skip to content"),
    "contents": say("Inhalt", "Contents"),
    "made-by": say("Erstellt mit {suite} {version}", "Made with {suite} {version}"),
    "draft": say(
        "Entwurf: Noch nichts ist festgelegt. Verbindlich wird der Text mit „conformance tender freeze“.",
        "Draft: nothing is fixed yet. `conformance tender freeze` makes the text binding.",
    ),
    # facts
    "facts": say("Angaben", "Facts"),
    "procedure": say("Vergabeverfahren", "Award procedure"),
    "lot": say("Los", "Lot"),
    "authority": say("Auftraggeber", "Contracting authority"),
    "matrix-hash": say("Prüfsumme der Matrix", "Digest of the matrix"),
    "evaluated": say("Gewertet", "Evaluated"),
    "method": say("Wertungsmethode", "Evaluation method"),
    "tie-break": say("Bei Gleichstand entscheidet", "Equal bids are parted by"),
    "profiles": say("Profile", "Profiles"),
    "runs": say("Prüfläufe je Angebot", "Runs per bid"),
    "recomputed": say("Aus den Belegen nachgerechnet", "Recomputed from the evidence"),
    "not-recomputed": say(
        "Die Ergebnisse der Prüfläufe wurden nicht aus den Belegen nachgerechnet.",
        "The verdicts of the runs were not recomputed from the evidence.",
    ),
    "yes": say("ja", "yes"),
    "no": say("nein", "no"),
    "none": say("keine", "none"),
    # methods
    "method-simple": say(
        "Einfache Richtwertmethode: Z = L / P, der höchste Wert gewinnt",
        "Simple benchmark method: Z = L / P, the highest wins",
    ),
    "method-extended": say(
        "Erweiterte Richtwertmethode: Z = L / P; unter allen Angeboten mit Z ≥ Zmax × (1 − {s}) "
        "entscheidet {decides}",
        "Extended benchmark method: Z = L / P; among all bids with Z ≥ Zmax × (1 − {s}) {decides} decides",
    ),
    "method-weighted": say(
        "Gewichtete Richtwertmethode: Z = {gl} × L / L_Bezug − {gp} × P / P_Bezug ({reference} aller "
        "gewerteten Angebote)",
        "Weighted benchmark method: Z = {gl} × L / L_ref − {gp} × P / P_ref ({reference} of all bids "
        "evaluated)",
    ),
    "method-linear": say(
        "Lineare Gewichtung: Z = {gl} × Leistungspunkte + {gp} × Preispunkte; {zero}",
        "Linear weighting: Z = {gl} × performance points + {gp} × price points; {zero}",
    ),
    "method-price": say("Nur der Preis: Der niedrigste gewinnt", "Price only: the lowest wins"),
    "zero-factor": say(
        "der niedrigste Preis erhält 10 Punkte, das {f}-fache keine",
        "the lowest price earns 10 points, {f} times it none",
    ),
    "zero-price": say(
        "der niedrigste Preis erhält 10 Punkte, {f} keine", "the lowest price earns 10 points, {f} none"
    ),
    "average": say("Mittelwert", "average"),
    "median": say("Median", "median"),
    "performance": say("die höhere Leistung L", "the higher performance L"),
    "price": say("der niedrigere Preis P", "the lower price P"),
    "group": say("die Leistung in Gruppe „{g}“", "the performance in group “{g}”"),
    "lots": say("danach das Los", "then lots are drawn"),
    # result
    "nav-result": say("Ergebnis", "Result"),
    "nav-heat": say("Kriterien × Angebote", "Criteria × bids"),
    "nav-steps": say("Rechenweg", "Calculation"),
    "nav-sensitivity": say("Empfindlichkeit", "Sensitivity"),
    "nav-equal": say("Gleiche Prüfung", "Equal tests"),
    "nav-people": say("Entscheidungen von Menschen", "Decisions of people"),
    "winner": say("Auf Platz 1: {b}", "Rank 1: {b}"),
    "winners-shared": say("Platz 1 teilen sich: {b}", "Rank 1 is shared by: {b}"),
    "nobody": say("Kein Angebot ist wertbar", "No bid can be evaluated"),
    "lots-needed": say(
        "Auch nach den bekannt gemachten Regeln sind sie gleich. Das Los entscheidet; es ist zu "
        "protokollieren.",
        "They are equal even by the published rules. Lots decide; the draw has to be recorded.",
    ),
    "not-award": say(
        "Dies ist eine Rechnung nach der bekannt gemachten Matrix, kein Zuschlag. Eignung, Form und "
        "ungewöhnlich niedrige "
        "Preise prüft der Auftraggeber.",
        "This is a calculation by the published matrix, not an award. Suitability, form and "
        "abnormally low prices are "
        "checked by the contracting authority.",
    ),
    "ranking": say("Reihenfolge der Angebote", "Order of the bids"),
    "rank": say("Platz", "Rank"),
    "bid": say("Angebot", "Bid"),
    "score": say("Wert Z", "Figure Z"),
    "in-band": say("Im Schwankungsbereich", "Within the band"),
    "shared": say("gleichauf", "equal"),
    "p": say("Preis P", "Price P"),
    "l": say("Leistung L", "Performance L"),
    "excluded": say("ausgeschlossen", "excluded"),
    "excluded-title": say("Ausgeschlossene Angebote", "Excluded bids"),
    "excluded-none": say("Kein Angebot ist ausgeschlossen.", "No bid is excluded."),
    "reasons": say("Gründe", "Reasons"),
    # heat map
    "heat-intro": say(
        "Zuerst die A-Kriterien (eines nicht erfüllt: Ausschluss), dann die B-Kriterien mit Punkten "
        "von 0 bis 10. "
        "Zeichen, Wort und Farbe sagen dasselbe.",
        "First the A criteria (one not met: excluded), then the B criteria with 0 to 10 points. "
        "Symbol, word and colour "
        "say the same.",
    ),
    "heat-caption": say("Ergebnis je Kriterium und Angebot", "Result per criterion and bid"),
    "criterion": say("Kriterium", "Criterion"),
    "kind": say("Art", "Kind"),
    "weight": say("Gewicht", "Weight"),
    "points": say("{n} Punkte", "{n} points"),
    "points-one": say("1 Punkt", "1 point"),
    "met": say("erfüllt", "met"),
    "not-met": say("nicht erfüllt", "not met"),
    "capped": say("gedeckelt: MUSS verletzt", "capped: MUST violated"),
    "by-person": say("von Menschen", "by people"),
    "overridden": say("abweichend entschieden", "overridden"),
    # steps
    "steps-intro": say(
        "Gerechnet wird mit Brüchen ohne Rundung; gerundet ist nur die Anzeige. Jeder Wert folgt aus "
        "der Formel und den "
        "genannten Zahlen und lässt sich von Hand nachrechnen.",
        "All values are exact fractions; only what is shown is rounded. Every value follows from the "
        "formula and the "
        "numbers given and can be checked by hand.",
    ),
    "steps-common": say("Für alle Angebote", "For all bids"),
    "steps-caption": say("Rechenschritte: {b}", "Steps: {b}"),
    "step": say("Schritt", "Step"),
    "formula": say("Formel", "Formula"),
    "inserted": say("Eingesetzt", "Inserted"),
    "value": say("Wert", "Value"),
    # sensitivity
    "sensitivity-intro": say(
        "Was wäre, wenn? Diese Proben gehören in die Akte und ändern nichts: Es gilt die bekannt "
        "gemachte Matrix.",
        "What if? These trials belong in the file and change nothing: the published matrix counts.",
    ),
    "stable": say(
        "Fest: In keiner der {n} Proben gewinnt ein anderes Angebot.",
        "Firm: another bid wins in none of the {n} trials.",
    ),
    "unstable": say(
        "Knapp: In {k} von {n} Proben gewinnt ein anderes Angebot oder ist die Methode nicht anwendbar.",
        "Close: in {k} of {n} trials another bid wins or the method does not work.",
    ),
    "sensitivity-caption": say("Proben mit anderer Reihenfolge", "Trials with another order"),
    "sensitivity-none": say("Keine Probe ändert die Reihenfolge.", "No trial changes the order."),
    "change": say("Änderung", "Change"),
    "order": say("Reihenfolge", "Order"),
    "effect": say("Wirkung", "Effect"),
    "winner-changed": say("anderer Platz 1", "another rank 1"),
    "order-changed": say("andere Reihenfolge", "another order"),
    "impossible": say("Methode nicht anwendbar", "method does not work"),
    # equal treatment
    "equal-intro": say(
        "Alle Läufe eines Profils haben denselben Plan, dieselben Regeln, Grenzen und "
        "Programmversionen; sonst wäre nicht "
        "gewertet worden.",
        "All runs of a profile have the same plan, rules, limits and software versions; otherwise "
        "nothing would have been "
        "evaluated.",
    ),
    "equal-caption": say("Nachweis des gleichen Plans", "Proof of the same plan"),
    "profile": say("Profil", "Profile"),
    "plan": say("Plan", "Plan"),
    "rules": say("Regeln", "Rules"),
    "suite": say("Version", "Version"),
    "count": say("Läufe", "Runs"),
    "runs-caption": say("Die gewerteten Läufe", "The runs evaluated"),
    "report": say("Bericht", "Report"),
    "started": say("Beginn", "Started"),
    "finished": say("Ende", "Finished"),
    "people-intro": say(
        "Bewertungen und Abweichungen vom Messergebnis, jede mit Namen, Datum, Grund und "
        "Unterschrift. Die Unterschrift selbst "
        "prüft dieses Programm nicht.",
        "Grades and deviations from the measurement, each with name, date, reason and signature. The "
        "signature itself is not "
        "checked by this program.",
    ),
    "people-none": say(
        "Kein Mensch hat etwas entschieden; alles ist gemessen.", "Nobody decided anything; all is measured."
    ),
    "people-caption": say("Unterschriebene Entscheidungen", "Signed decisions"),
    "before": say("Gemessen", "Measured"),
    "decided": say("Entschieden", "Decided"),
    "who": say("Wer, wann", "Who, when"),
    "reason": say("Grund", "Reason"),
    "signature": say("Unterschrift", "Signature"),
    "open": say("offen", "open"),
    # specification
    "spec-how": say("Wie diese Anforderungen gelten", "How these requirements apply"),
    "spec-a": say(
        "A-Kriterien sind Ausschlusskriterien: Ein Angebot, das eines davon nicht erfüllt, wird "
        "nicht gewertet.",
        "A criteria are knock-out criteria: a bid that misses one of them is not evaluated.",
    ),
    "spec-b": say(
        "B-Kriterien werden mit 0 bis 10 Punkten bewertet. Leistung L = Summe aus Gewicht × Punkte, "
        "höchstens {most}.",
        "B criteria earn 0 to 10 points. Performance L = sum of weight × points, at most {most}.",
    ),
    "spec-equal": say(
        "Jede Bezugnahme auf eine Norm gilt mit dem Zusatz „oder gleichwertig“ (§ 31 Abs. 2 Nr. 2 "
        "VgV; unterhalb der "
        "Schwellenwerte § 23 UVgO). Wer eine gleichwertige Lösung anbietet, weist mit dem Angebot "
        "nach, dass sie die Anforderung "
        "gleichermaßen erfüllt (§ 32 VgV).",
        "Every reference to a standard is to be read with “or equivalent” (§ 31(2) no. 2 VgV; below "
        "the thresholds § 23 UVgO). "
        "Whoever offers an equivalent solution proves with the bid that it meets the requirement "
        "equally (§ 32 VgV).",
    ),
    "spec-test": say(
        "Geprüft wird an der angebotenen Lösung in einer Teststellung mit Prüfstand {version}, für "
        "alle Bieter mit demselben "
        "Plan, je Profil {runs}-mal.",
        "The offered solution is tested in a trial with Prüfstand {version}, with the same plan and "
        "{runs} run(s) per profile "
        "for all bidders.",
    ),
    "spec-self": say(
        "Bieter können dieselbe Prüfung vorab selbst ausführen: conformance run --profile {profile} "
        "--url ADRESSE",
        "Bidders can carry out the same test beforehand: conformance run --profile {profile} --url ADDRESS",
    ),
    "spec-hearing": say(
        "Jeder Bieter erhält die Befunde zu seinem Angebot und kann Stellung nehmen, bevor gewertet wird.",
        "Every bidder receives the findings on the own bid and may comment before the evaluation.",
    ),
    "spec-questions": say(
        "In Bieterfragen und Angeboten bitte die Kennung der Anforderung nennen.",
        "Please cite the id of the requirement in questions and bids.",
    ),
    "spec-none": say("keine", "none"),
    "spec-kind-A": say("A (Ausschluss)", "A (knock-out)"),
    "spec-kind-B": say("B (Gewicht {w} von {all})", "B (weight {w} of {all})"),
    "spec-binding": say("Verbindlichkeit in der Norm", "Binding level in the standard"),
    "spec-reference": say("Norm", "Standard"),
    "spec-or": say("{r} – oder gleichwertig", "{r} – or equivalent"),
    "spec-clause": say("Abschnitt {c}", "clause {c}"),
    "spec-meaning": say("Erläuterung", "Explanation"),
    "spec-method": say("Prüfmethode", "Test method"),
    "spec-threshold": say("Schwelle", "Threshold"),
    "spec-judged": say("Beurteilung durch Menschen: {j}", "Judged by people: {j}"),
    "spec-met-agree": say(
        "erfüllt, wenn kein Lauf einen Befund zeigt; widersprechen sich Läufe, wird geklärt und "
        "begründet entschieden",
        "met if no run shows a finding; if runs disagree, this is clarified and decided with reasons",
    ),
    "spec-met-worst": say(
        "erfüllt, wenn kein Lauf einen Befund zeigt; ein Lauf mit Befund genügt für „nicht erfüllt“",
        "met if no run shows a finding; one run with a finding is enough for “not met”",
    ),
    "spec-inapplicable-met": say("nicht anwendbar gilt als erfüllt", "inapplicable counts as met"),
    "spec-inapplicable-not-met": say(
        "nicht anwendbar gilt als nicht erfüllt", "inapplicable counts as not met"
    ),
    "spec-inapplicable-ask": say(
        "ist sie nicht anwendbar, wird begründet entschieden", "if inapplicable, it is decided with reasons"
    ),
    "spec-step": say("ab {share} % erfüllt: {points} Punkte", "from {share} % met: {points} points"),
    "spec-passed": say("erfüllt: {points} Punkte, sonst {none}", "met: {points} points, otherwise {none}"),
    "spec-cap": say(
        "ist dabei eine MUSS-Anforderung verletzt: höchstens {points} Punkte",
        "if a MUST among them is violated: at most {points} points",
    ),
    "spec-minimum": say("unter {points} Punkten: Ausschluss", "below {points} points: excluded"),
    "spec-left-out": say("Nicht Teil der Prüfung", "Not part of the test"),
    "spec-criteria": say("{kind}-Kriterien", "{kind} criteria"),
    "spec-group": say("B-Kriterien: {g}", "B criteria: {g}"),
    "MUST": say("MUSS", "MUST"),
    "MUST_NOT": say("DARF NICHT", "MUST NOT"),
    "SHOULD": say("SOLL", "SHOULD"),
    "SHOULD_NOT": say("SOLL NICHT", "SHOULD NOT"),
    "MAY": say("KANN", "MAY"),
}


def phrase(key: str, lang: Language, **values: Any) -> str:
    """The sentence ``key`` in ``lang`` with ``{name}`` replaced by ``values[name]``."""
    sentence = TEXTS[key].in_language(lang)
    return sentence.format(**values) if values else sentence


def shown(value: Fraction, lang: Language, digits: int = 10) -> str:
    """An exact number as people read it: all digits if it ends within ``digits``, else rounded behind "≈"."""
    rounded = decimal_text(value, digits)
    text = rounded.rstrip("0").rstrip(".") if "." in rounded else rounded
    text = text if Fraction(rounded) == value else f"≈ {text}"
    return text.replace(".", ",") if lang == "de" else text
