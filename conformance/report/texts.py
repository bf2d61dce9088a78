"""Every sentence of the report's own interface, German and English, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from conformance.model.text import Language, Text, say

TEXTS: dict[str, Text] = {
    # head and navigation
    "report": say("Prüfbericht", "Conformance report"),
    "skip": say("Zum Inhalt springen", "Skip to content"),
    "contents": say("Inhalt", "Contents"),
    "decision": say("Entscheidung", "Decision"),
    "nav-decision": say("Auf einer Seite", "On one page"),
    "nav-classes": say("Klassen und Angaben", "Classes and claims"),
    "nav-fix": say("Was zu beheben ist", "What to fix"),
    "nav-findings": say("Befunde", "Findings"),
    "nav-requirements": say("Alle Anforderungen", "All requirements"),
    "nav-annexes": say("Anhänge", "Annexes"),
    "nav-method": say("Verfahren", "Method"),
    "nav-evidence": say("Belege", "Evidence"),
    "page-title": say("Prüfbericht: {name}", "Conformance report: {name}"),
    # decisions and outcomes
    "conforming": say("Konform", "Conforming"),
    "not-conforming": say("Nicht konform", "Not conforming"),
    "undetermined": say("Nicht entschieden", "Undetermined"),
    "not-claimed": say("Nicht beansprucht", "Not claimed"),
    "sentence-conforming": say(
        "„{name}“ hält den Standard „{standard}“ ein.",
        "“{name}” conforms to the standard “{standard}”.",
    ),
    "sentence-not-conforming": say(
        "„{name}“ hält den Standard „{standard}“ nicht ein.",
        "“{name}” does not conform to the standard “{standard}”.",
    ),
    "sentence-undetermined": say(
        "Ob „{name}“ den Standard „{standard}“ einhält, ist noch offen.",
        "Whether “{name}” conforms to the standard “{standard}” is still open.",
    ),
    "passed": say("erfüllt", "passed"),
    "failed": say("nicht erfüllt", "failed"),
    "cantTell": say("nicht feststellbar", "cannot tell"),
    "inapplicable": say("nicht anwendbar", "inapplicable"),
    "untested": say("nicht geprüft", "untested"),
    "excluded": say("ausgenommen", "excluded"),
    "always": say("immer verlangt", "always required"),
    "claimed": say("verlangt, wenn beansprucht", "required if claimed"),
    # levels
    "MUST": say("MUSS", "MUST"),
    "MUST_NOT": say("DARF NICHT", "MUST NOT"),
    "SHOULD": say("SOLL", "SHOULD"),
    "SHOULD_NOT": say("SOLL NICHT", "SHOULD NOT"),
    "MAY": say("KANN", "MAY"),
    # owners
    "owner-subject": say("Betreiber oder Hersteller der Plattform", "Operator or vendor of the platform"),
    "owner-configuration": say("Prüfende Stelle (Einstellungen)", "Tester (configuration)"),
    "owner-network": say("Netz und Betrieb", "Network and hosting"),
    "owner-third-party": say("Dritte", "Third party"),
    "owner-suite": say("Entwicklung des Prüfstands", "Developers of this suite"),
    "owner-unknown": say("Noch unklar", "Not yet known"),
    "act-subject": say(
        "Die Plattform so bereitstellen, dass diese Prüfungen stattfinden können.",
        "Make the platform available so that these checks can be carried out.",
    ),
    "act-configuration": say(
        "Prüfgegenstand und Prüfparameter berichtigen, dann erneut prüfen.",
        "Correct the subject file and its parameters, then test again.",
    ),
    "act-network": say(
        "Erreichbarkeit herstellen (Netz, Zertifikat, Lastgrenzen), dann erneut prüfen.",
        "Restore reachability (network, certificate, rate limits), then test again.",
    ),
    "act-third-party": say(
        "Den fremden Dienst klären oder abwarten, dann erneut prüfen.",
        "Clarify with the other service or wait for it, then test again.",
    ),
    "act-suite": say(
        "Den Fehler der Prüfsuite melden; er zählt nicht gegen die Plattform.",
        "Report the fault of the suite; it does not count against the platform.",
    ),
    "act-unknown": say(
        "Die Begründung je Anforderung lesen und entscheiden, wer zuständig ist.",
        "Read the reason given for each requirement and decide who is in charge.",
    ),
    # the page for the decision maker
    "incomplete-title": say("Dieser Bericht ist unvollständig", "This report is incomplete"),
    "incomplete": say(
        "Der Prüflauf wurde nicht zu Ende geführt. Was fehlt, gilt als nicht geprüft.",
        "The run did not reach its end. Whatever is missing counts as untested.",
    ),
    "why": say("Warum", "Why"),
    "next": say("Was jetzt zu tun ist", "What to do next"),
    "who": say("Wer am Zug ist", "Who has to act"),
    "who-intro": say(
        "Diese Anforderungen konnten nicht entschieden werden. Nur Fehler der Plattform selbst "
        "zählen gegen sie.",
        "These requirements could not be decided. Only faults of the platform itself count against it.",
    ),
    "who-count": say("Betroffen", "Affected"),
    "not-tested": say("Was nicht geprüft wurde", "What was not tested"),
    "not-tested-none": say(
        "Nichts: Jede Anforderung wurde geprüft.", "Nothing: every requirement was tested."
    ),
    "facts": say("Angaben zur Prüfung", "Facts of the test"),
    "subject": say("Prüfgegenstand", "Subject"),
    "address": say("Adresse", "Address"),
    "operator": say("Betreiber", "Operator"),
    "product": say("Produkt", "Product"),
    "profile": say("Profil", "Profile"),
    "tested": say("Geprüft", "Tested"),
    "tested-with": say("Geprüft mit", "Tested with"),
    "requests": say("Anfragen", "Requests"),
    "unknown": say("nicht angegeben", "not stated"),
    "utc": say("{date}, {time} Uhr (UTC)", "{date}, {time} (UTC)"),
    "seen": say("Was von der Plattform angesehen wurde", "What was seen of the platform"),
    # reasons on the first page
    "because-theme": say("{title}: {must} verletzt, {findings}.", "{title}: {must} violated, {findings}."),
    "because-cause": say("{text} Betroffen: {count}.", "{text} Affected: {count}."),
    "because-must": say(
        "{count} erfüllt, keine verletzt, keine ungeklärt.",
        "{count} passed, none violated, none open.",
    ),
    "because-classes": say(
        "{count} geprüft und konform: {names}.", "{count} tested and conforming: {names}."
    ),
    "because-claims": say(
        "{count} der Plattform bestätigt, keine widerlegt.",
        "{count} of the platform confirmed, none refuted.",
    ),
    # next steps
    "do-fix": say(
        "Diesen Bericht an Betreiber und Hersteller geben: „Was zu beheben ist“ nennt {count} mit Abhilfe.",
        "Hand this report to operator and vendor: “What to fix” lists {count} with the cure.",
    ),
    "do-not-accept": say(
        "Bis dahin nicht als konform abnehmen.",
        "Do not accept as conforming until then.",
    ),
    "do-wait": say(
        "Bis dahin weder als konform noch als nicht konform behandeln.",
        "Until then treat it neither as conforming nor as not conforming.",
    ),
    "do-again": say("Danach mit demselben Profil erneut prüfen.", "Then test again with the same profile."),
    "do-actor": say("{actor}: {step}", "{actor}: {step}"),
    "do-nothing": say("Keine Nacharbeit nötig.", "No rework needed."),
    "do-should": say(
        "Prüfen, ob sich {count} umsetzen lassen (siehe „Befunde“); für die Entscheidung zählen sie nicht.",
        "See whether {count} can be met (see “Findings”); they do not count for the decision.",
    ),
    "do-human": say(
        "{count}, die kein Programm prüft, von Menschen beurteilen lassen (siehe „Alle Anforderungen“).",
        "Have people judge {count} that no program tests (see “All requirements”).",
    ),
    "do-repeat": say(
        "Nach jeder neuen Version von Plattform oder Profil erneut prüfen.",
        "Test again after every new version of platform or profile.",
    ),
    # what was not tested
    "skip-needs-human": say("nur ein Mensch kann das beurteilen", "only a person can judge this"),
    "skip-needs-write-access": say(
        "dazu müsste auf die Plattform geschrieben werden",
        "this would mean writing to the platform",
    ),
    "skip-untestable": say("von außen nicht prüfbar", "not testable from outside"),
    "skip-planned": say("Prüfung ist noch in Arbeit", "the check is still being written"),
    "skip-inapplicable": say("auf diese Plattform nicht anwendbar", "not applicable to this platform"),
    "skip-other": say("Gründe stehen bei der Anforderung", "reasons are given with each requirement"),
    "skip-class": say(
        "von der Plattform nicht beansprucht ({names})", "not claimed by the platform ({names})"
    ),
    # classes and claims
    "classes-intro": say(
        "MUSS, SOLL und KANN werden getrennt gezählt und nie zu einer Note verrechnet. "
        "Nur MUSS entscheidet; wo nichts geprüft wurde, gilt nichts als bestanden.",
        "MUST, SHOULD and MAY are counted apart and never mixed into one score. "
        "Only MUST decides; where nothing was tested, nothing counts as passed.",
    ),
    "classes-caption": say("Entscheidung je Konformitätsklasse", "Decision per conformance class"),
    "class": say("Klasse", "Class"),
    "none": say("keine", "none"),
    "claims": say("Was die Plattform von sich angibt", "What the platform claims"),
    "claims-caption": say(
        "Angaben der Plattform im Vergleich zur Messung", "Claims compared with measurement"
    ),
    "claims-none": say(
        "Die Plattform gibt nicht an, welche Klassen sie umsetzt.",
        "The platform does not declare which classes it implements.",
    ),
    "claim": say("Angabe", "Claim"),
    "state": say("Befund", "Result"),
    "reason": say("Begründung", "Reason"),
    "confirmed": say("bestätigt", "confirmed"),
    "over-claimed": say("zu viel behauptet", "over-claimed"),
    "under-claimed": say("nicht angegeben, aber erfüllt", "fulfilled but not claimed"),
    "not-measured": say("nicht gemessen", "not measured"),
    "and-more-reasons": say("… und {n} weitere Gründe", "… and {n} more reasons"),
    "and-more": say("… und {n} weitere, siehe report.json", "… and {n} more, see report.json"),
    # fixes
    "fix-needed": say(
        "{count} beheben, dann ist keine MUSS-Anforderung mehr verletzt",
        "Fix {count}, then no MUST is violated any more",
    ),
    "fix-open": say(
        "Davon unabhängig ist {count} noch ungeklärt; siehe „Wer am Zug ist“.",
        "Apart from that, {count} still open; see “Who has to act”.",
    ),
    "fix-advised": say(
        "Empfohlen, ohne Einfluss auf die Entscheidung",
        "Recommended, without influence on the decision",
    ),
    "fix-none": say("Keine MUSS-Anforderung ist verletzt.", "No MUST is violated."),
    "fix-cure": say("Abhilfe", "Cure"),
    "fix-mends": say("Behebt", "Mends"),
    "fix-requirements": say("Betroffene Anforderungen", "Requirements concerned"),
    # findings
    "findings-intro": say(
        "Jeder Befund nennt, was verlangt ist, was die Plattform geantwortet hat und wie sich das "
        "nachstellen lässt.",
        "Each finding says what is required, what the platform answered and how to see it again.",
    ),
    "findings-none": say("Keine Befunde.", "No findings."),
    "finding": say("Befund {n}", "Finding {n}"),
    "findings-more": say("Weitere Befunde anzeigen ({n})", "Show further findings ({n})"),
    "findings-shown": say("Gezeigt: {shown} von {total}.", "Shown: {shown} of {total}."),
    "expected": say("Erwartet", "Expected"),
    "got": say("Erhalten", "Got"),
    "pointer": say("Stelle", "Place"),
    "again": say("Nachstellen", "Reproduce"),
    "as-before": say("wie beim vorigen Befund", "as in the finding before"),
    "evidence": say("Beleg", "Evidence"),
    "answer": say("Antwort", "Answer"),
    "no-answer": say("keine Antwort", "no answer"),
    "excerpt": say("Ausschnitt der Antwort", "Excerpt of the answer"),
    "no-excerpt": say("Kein Text in der Antwort.", "No text in the answer."),
    "fix": say("So wird es behoben", "How to fix it"),
    "clause": say("Abschnitt {clause} {title}", "Clause {clause} {title}"),
    "official": say("Amtliche Kennung", "Official id"),
    "part": say("Teil {part}", "part {part}"),
    "interpretation": say("Auslegung", "Interpretation"),
    # requirement table
    "requirements-intro": say(
        "Jede Anforderung des Profils steht hier, auch die erfüllten und die nicht geprüften.",
        "Every requirement of the profile is listed, the passed and the untested ones too.",
    ),
    "show": say("Anzeigen", "Show"),
    "requirements-caption": say("Klasse „{name}“: {count}", "Class “{name}”: {count}"),
    "requirement": say("Anforderung", "Requirement"),
    "level": say("Stufe", "Level"),
    "outcome": say("Ergebnis", "Outcome"),
    "note": say("Hinweis", "Note"),
    "demands": say("Was verlangt wird", "What is required"),
    "looks": say("{n} angesehen", "{n} looked at"),
    "since": say("seit {version}", "since {version}"),
    "not-in-report": say("Kein Einzelergebnis im Bericht.", "No verdict in this report."),
    "reason-needs-human": say("Mensch nötig", "needs a person"),
    "reason-needs-write-access": say("Schreibzugriff nötig", "needs write access"),
    "reason-untestable": say("nicht prüfbar", "untestable"),
    "reason-planned": say("in Arbeit", "planned"),
    # method
    "method-outcomes": say("Was ein Ergebnis bedeutet", "What an outcome means"),
    "mean-passed": say(
        "Mindestens eine Stelle wurde angesehen, keine wich ab.",
        "At least one place was looked at, none deviated.",
    ),
    "mean-failed": say(
        "Mindestens eine Abweichung der Plattform ist belegt.",
        "At least one deviation of the platform is in evidence.",
    ),
    "mean-cantTell": say(
        "Es gab eine Antwort, aber sie erlaubt kein sicheres Urteil.",
        "There was an answer, but it allows no safe verdict.",
    ),
    "mean-inapplicable": say(
        "Die Anforderung betrifft etwas, das es auf dieser Plattform nicht gibt.",
        "The requirement is about something this platform does not have.",
    ),
    "mean-untested": say(
        "Die Prüfung fand nicht statt; der Grund ist genannt.",
        "The check was not carried out; the reason is given.",
    ),
    "mean-excluded": say(
        "Diese Anforderung prüft kein Programm; der Grund ist genannt.",
        "No program checks this requirement; the reason is given.",
    ),
    "method-decision": say("Wie entschieden wird", "How it is decided"),
    "rule-failed": say(
        "Ist eine MUSS-Anforderung nicht erfüllt, ist die Klasse nicht konform.",
        "If a MUST failed, the class is not conforming.",
    ),
    "rule-open": say(
        "Sonst, wenn eine MUSS-Anforderung nicht feststellbar oder nicht geprüft ist oder zu wenig "
        "angesehen wurde, ist die Klasse nicht entschieden.",
        "Otherwise, if a MUST is cannot tell or untested, or too little was looked at, "
        "the class is undetermined.",
    ),
    "rule-passed": say("Sonst ist die Klasse konform.", "Otherwise the class is conforming."),
    "rule-owner": say(
        "Störungen im Netz, bei Dritten, in den Einstellungen oder in der Prüfsuite führen nie zu "
        "„nicht erfüllt“.",
        "Faults of network, third parties, configuration or suite never lead to “failed”.",
    ),
    "method-recompute": say("Nachrechnen", "Recompute"),
    "recompute": say(
        "Jedes Ergebnis folgt allein aus den aufgezeichneten Antworten und dem Profil. "
        "Wer den Ordner des Prüflaufs hat, rechnet es ohne Netz nach:",
        "Every outcome follows from the recorded answers and the profile alone. "
        "Whoever has the folder of the run recomputes it without network:",
    ),
    "recompute-command": say("conformance verify PRÜFLAUF", "conformance verify RUN"),
    "method-facts": say("Kennzahlen des Laufs", "Figures of the run"),
    "method-facts-caption": say("Womit dieser Lauf festgelegt ist", "What pins this run down"),
    "fact": say("Angabe", "Fact"),
    "value": say("Wert", "Value"),
    "profile-digest": say("Prüfsumme des Profils", "Digest of the profile"),
    "plan-digest": say("Prüfsumme des Plans", "Digest of the plan"),
    "seed": say("Startwert der Stichprobe", "Seed of the sample"),
    "started": say("Beginn", "Started"),
    "finished": say("Ende", "Finished"),
    "limit": say("Grenze: {name}", "Limit: {name}"),
    "limit-rate": say("Anfragen je Sekunde", "requests per second"),
    "limit-concurrency": say("gleichzeitige Anfragen", "requests at once"),
    "limit-budget": say("Anfragen je Lauf", "requests per run"),
    "limit-connect_timeout": say("Warten auf Verbindung (s)", "wait for connection (s)"),
    "limit-read_timeout": say("Warten auf Daten (s)", "wait for data (s)"),
    "limit-total_timeout": say("Dauer je Anfrage (s)", "duration of a request (s)"),
    "limit-body_bytes": say("Byte je Antwort", "bytes per answer"),
    "limit-run_bytes": say("Byte je Lauf", "bytes per run"),
    "limit-redirects": say("Weiterleitungen", "redirects"),
    "limit-retry_after_max": say("längste erbetene Pause (s)", "longest pause asked for (s)"),
    "limit-run_seconds": say("Dauer des Laufs (s)", "duration of the run (s)"),
    "limit-pages": say("Seiten je Folge", "pages per chain"),
    "method-hostile": say(
        "Text der Plattform ist gekürzt; unsichtbare und Steuerzeichen erscheinen als ⟨U+…⟩. "
        "Vollständig stehen die Antworten in evidence.warc.gz.",
        "Text of the platform is shortened; invisible and control characters appear as ⟨U+…⟩. "
        "The answers are complete in evidence.warc.gz.",
    ),
    # evidence
    "evidence-intro": say(
        "Die aufgezeichneten Anfragen, auf die sich die Ergebnisse stützen, ohne Zugangsdaten.",
        "The recorded requests the outcomes rest on, without credentials.",
    ),
    "evidence-none": say("Keine Belege in diesem Bericht.", "No evidence in this report."),
    "request": say("Anfrage", "Request"),
    "answer-headers": say("Kopfzeilen der Antwort", "Headers of the answer"),
    "size": say("Umfang", "Size"),
    "duration": say("Dauer", "Duration"),
    "sent": say("Gesendet", "Sent"),
    "failure": say("Störung", "Failure"),
    "evidence-other": say("Weitere Anfragen ohne Befund", "Further requests without finding"),
    "evidence-caption": say("Anfragen ohne Befund", "Requests without finding"),
    "made-by": say("Erstellt mit {suite} {version}", "Made with {suite} {version}"),
    # waivers and other formats
    "totals": say("Summen", "Totals"),
    "total-level": say("{level}: {counts}", "{level}: {counts}"),
    "total-waived": say("{n} mit Ausnahmegenehmigung", "{n} waived"),
    "conforming-waived": say("Konform mit {count}", "Conforming with {count}"),
    "sentence-waived": say(
        "„{name}“ hält den Standard „{standard}“ nur mit {count} ein.",
        "“{name}” conforms to the standard “{standard}” only with {count}.",
    ),
    "because-waived": say(
        "{count} verletzt, jede mit befristeter Ausnahmegenehmigung, keine ungeklärt.",
        "{count} violated, each with a waiver for a limited time, none open.",
    ),
    "without-waivers": say("Ohne Ausnahmegenehmigung: {reason}", "Without waivers: {reason}"),
    "do-waived": say(
        "Bis {until} beheben, was die Ausnahmegenehmigungen nennen; danach gilt die Plattform als nicht konform.",
        "Mend what the waivers name until {until}; after that the platform counts as not conforming.",
    ),
    "waivers": say("Ausnahmegenehmigungen", "Waivers"),
    "waivers-intro": say(
        "Eine Ausnahmegenehmigung ändert kein Einzelergebnis: Die Anforderung bleibt nicht erfüllt.",
        "A waiver changes no outcome: the requirement stays failed.",
    ),
    "waivers-caption": say("Ausnahmegenehmigungen am {on}", "Waivers on {on}"),
    "waived": say("mit Ausnahmegenehmigung", "waived"),
    "waived-by": say(
        "Ausnahmegenehmigung von {by} bis {until}: {reason} ({signature})",
        "Waived by {by} until {until}: {reason} ({signature})",
    ),
    "approved-by": say("Genehmigt von", "Approved by"),
    "valid": say("Gilt", "Valid"),
    "from-until": say("{start} bis {end}", "{start} to {end}"),
    "signature": say("Signatur", "Signature"),
    "signature-verified": say("Signatur geprüft", "signature verified"),
    "signature-unchecked": say("Signatur nicht geprüft", "signature not checked"),
    "signature-none": say("nicht signiert", "not signed"),
    "waiver-problems": say("Nicht wirksame Ausnahmegenehmigungen", "Waivers without effect"),
    "deviation": say("erwartet: {expected}; erhalten: {got}", "expected: {expected}; got: {got}"),
    "failed-musts": say("Nicht erfüllte MUSS-Anforderungen", "MUST requirements not met"),
    "sheet-requirements": say("Anforderungen", "Requirements"),
    "col-requirement": say("Anforderung", "Requirement"),
    "col-class": say("Klasse", "Class"),
    "col-level": say("Stufe", "Level"),
    "col-criterion": say("Kriterium", "Criterion"),
    "col-title": say("Titel", "Title"),
    "col-outcome": say("Ergebnis", "Outcome"),
    "col-waiver": say("Ausnahmegenehmigung", "Waiver"),
    "col-note": say("Hinweis", "Note"),
    "col-owner": say("Wer am Zug ist", "Who has to act"),
    "col-looks": say("Angesehen", "Looked at"),
    "col-findings": say("Befunde", "Findings"),
    "col-expected": say("Erwartet", "Expected"),
    "col-got": say("Erhalten", "Got"),
    "col-url": say("Adresse", "URL"),
    "col-fix": say("Abhilfe", "How to fix it"),
    "col-clause": say("Abschnitt", "Clause"),
    "col-clause-url": say("Text des Standards", "Text of the standard"),
    "col-official": say("Amtliche Kennung", "Official id"),
    "col-since": say("Seit", "Since"),
    "col-evidence": say("Belege", "Evidence"),
    "col-pointer": say("Stelle", "Place"),
    "col-method": say("Methode", "Method"),
    "col-curl": say("Nachstellen", "Reproduce"),
    "col-status": say("Status", "Status"),
    "col-status-reason": say("Statustext", "Status text"),
    "col-media-type": say("Medientyp", "Media type"),
    "col-bytes": say("Byte", "Bytes"),
    "col-seconds": say("Sekunden", "Seconds"),
    "col-sent": say("Gesendet", "Sent"),
    "col-failure": say("Störung", "Failure"),
    # impact of a changed profile on stored runs
    "impact-title": say("Wirkung des geänderten Profils", "Impact of the changed profile"),
    "impact-flipped": say("Andere Entscheidung bei {n} von {total}.", "Other decision for {n} of {total}."),
    "impact-waiting": say(
        "Bei {n} reichen die Belege nicht für jede geänderte Regel.",
        "For {n} the evidence does not suffice for every changed rule.",
    ),
    "impact-same": say("unverändert {decision}", "unchanged {decision}"),
    "impact-verdicts": say("Andere Einzelergebnisse", "Other outcomes"),
    "impact-new-run": say("Braucht einen neuen Lauf", "Needs a new run"),
    "impact-excluded": say("wird nicht mehr geprüft", "no longer tested"),
    "impact-included": say("wird jetzt geprüft", "tested now"),
    "impact-interpretation": say("andere Auslegung", "other interpretation"),
    "impact-binding": say("andere Art der Prüfung", "other kind of check"),
    "impact-check": say("andere Prüfung oder Schwelle", "other check or threshold"),
    "impact-now-against": say("{name} ist jetzt ein MUSS und {state}", "{name} is a MUST now and {state}"),
    "impact-no-longer-against": say(
        "{name} ({state}) steht nicht mehr entgegen", "{name} ({state}) no longer stands against it"
    ),
    # comparison of two reports
    "diff-title": say("Vergleich zweier Prüfberichte", "Comparison of two reports"),
    "diff-same": say("Kein Ergebnis hat sich geändert.", "No outcome has changed."),
    "diff-decision": say("Entscheidung: {old} → {new}", "Decision: {old} → {new}"),
    "diff-better": say("Besser", "Better"),
    "diff-worse": say("Schlechter", "Worse"),
    "diff-other": say("Anders", "Different"),
    "diff-added": say("Neu im Profil", "New in the profile"),
    "diff-removed": say("Nicht mehr im Profil", "No longer in the profile"),
    "diff-profiles": say(
        "Die Berichte gehören zu verschiedenen Profilen: {old} und {new}.",
        "The reports belong to different profiles: {old} and {new}.",
    ),
    "diff-subjects": say(
        "Die Berichte gehören zu verschiedenen Plattformen: {old} und {new}.",
        "The reports belong to different platforms: {old} and {new}.",
    ),
    "because": say("Grund: {cause}", "Cause: {cause}"),
    "because-or": say("Mögliche Gründe: {causes}", "Possible causes: {causes}"),
    "diff-causes": say("Woran es liegt", "What it is due to"),
    "diff-certain": say("{cause}: {count}", "{cause}: {count}"),
    "diff-possible": say("{cause}: möglicherweise {count}", "{cause}: possibly {count}"),
    "cause-subject": say(
        "Anderer Prüfgegenstand (andere Plattform oder Adresse)",
        "other subject (another platform or address)",
    ),
    "advice-subject": say(
        "Der Vergleich zeigt Unterschiede zweier Plattformen, keine Entwicklung.",
        "The comparison shows how two platforms differ, not how one developed.",
    ),
    "advice-product": say(
        "Den Hersteller fragen, was die neue Version ändert; im nächsten Lauf nachprüfen.",
        "Ask the vendor what the new version changes; look again in the next run.",
    ),
    "advice-rules": say(
        "Die Plattform kann dieselbe sein: Beide Läufe mit denselben Regeln vergleichen (conformance impact).",
        "The platform may be the same: compare both runs under the same rules (conformance impact).",
    ),
    "advice-data": say(
        "Den Betreiber fragen, welche Daten neu sind; am Produkt muss nichts anders sein.",
        "Ask the operator which data are new; nothing about the product need be different.",
    ),
    "advice-unstable": say(
        "Erst erneut prüfen, bevor jemand handelt: Ein zweiter Lauf zeigt, ob es bleibt.",
        "Test again before anybody acts: a second run shows whether it stays.",
    ),
    "cause-product": say(
        "Produkt geändert (andere Produktversion)",
        "product changed (other product version)",
    ),
    "cause-rules": say(
        "Regeln geändert (anderes Profil oder andere Version der Prüfsuite)",
        "rules changed (other profile or other version of the suite)",
    ),
    "cause-data": say(
        "Daten geändert (die Plattform antwortet mit anderem Inhalt)",
        "data changed (the platform answers with other content)",
    ),
    "cause-unstable": say(
        "instabil (Störung, wechselnde Antwort oder andere Stichprobe)",
        "unstable (fault, varying answer or other sample)",
    ),
}

PLURALS: dict[str, tuple[Text, Text]] = {
    "n-must": (
        say("1 MUSS-Anforderung", "1 MUST requirement"),
        say("{n} MUSS-Anforderungen", "{n} MUST requirements"),
    ),
    "n-should": (
        say("1 SOLL-Anforderung", "1 SHOULD requirement"),
        say("{n} SOLL-Anforderungen", "{n} SHOULD requirements"),
    ),
    "n-changes": (say("1 Änderung", "1 change"), say("{n} Änderungen", "{n} changes")),
    "n-runs": (say("1 Lauf", "1 run"), say("{n} Läufen", "{n} runs")),
    "n-waivers": (say("1 Ausnahmegenehmigung", "1 waiver"), say("{n} Ausnahmegenehmigungen", "{n} waivers")),
    "n-requirements": (say("1 Anforderung", "1 requirement"), say("{n} Anforderungen", "{n} requirements")),
    "n-findings": (say("1 Befund", "1 finding"), say("{n} Befunde", "{n} findings")),
    "n-points": (say("diesen einen Punkt", "this one point"), say("diese {n} Punkte", "these {n} points")),
    "n-items": (say("1 Punkt", "1 point"), say("{n} Punkte", "{n} points")),
    "n-classes": (say("1 Klasse", "1 class"), say("{n} Klassen", "{n} classes")),
    "n-claims": (say("1 Angabe", "1 claim"), say("{n} Angaben", "{n} claims")),
    "n-recommendations": (
        say("1 nicht umgesetzte Empfehlung", "1 unmet recommendation"),
        say("{n} nicht umgesetzte Empfehlungen", "{n} unmet recommendations"),
    ),
}


def phrase(key: str, lang: Language, **values: Any) -> str:
    """The sentence ``key`` in ``lang`` with ``{name}`` replaced by ``values[name]``."""
    sentence = TEXTS[key].in_language(lang)
    return sentence.format(**values) if values else sentence


def count(key: str, n: int, lang: Language) -> str:
    """``n`` of something with the right number: "1 Befund", "1.204 Befunde"."""
    one, many = PLURALS[key]
    return (one if n == 1 else many).in_language(lang).format(n=number(n, lang))


def number(value: float, lang: Language) -> str:
    """A number with the separators of the language: 1.234,5 or 1,234.5."""
    shown = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return shown if lang == "en" else shown.translate(str.maketrans(",.", ".,"))


def size(n: int, lang: Language) -> str:
    """A number of bytes as people read it."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if n >= factor:
            return f"{number(round(n / factor, 1), lang)} {unit}"
    return f"{number(n, lang)} Byte" if lang == "de" else f"{number(n, lang)} bytes"


def moment(instant: str, lang: Language) -> str:
    """An RFC 3339 instant of the run as people read it; other texts unchanged."""
    try:
        at = datetime.fromisoformat(instant).astimezone(UTC)
    except ValueError:
        return instant
    months = _MONTHS[lang].split()
    day = f"{at.day}. {months[at.month - 1]} {at.year}"
    if lang == "en":
        day = f"{at.day} {months[at.month - 1]} {at.year}"
    return phrase("utc", lang, date=day, time=f"{at:%H:%M}")


def told(text: Mapping[str, str], lang: Language) -> str:
    """A bilingual text of the report in ``lang``."""
    return text[lang]


_MONTHS: dict[Language, str] = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
}
