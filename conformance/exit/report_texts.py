"""Every sentence of the page of a rehearsal, German and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.model import Language, Text, say

TEXTS: Mapping[str, Text] = {
    "kind": say("Wechselprobe", "Exit rehearsal"),
    "title": say("Können wir wechseln?", "Can we leave?"),
    "lead": say(
        "Was kostet es, wie lange dauert es, was geht verloren? Von {a} nach {b}, über die offene Schnittstelle.",
        "What does it cost, how long does it take, what is lost? From {a} to {b}, through the open interface.",
    ),
    "skip": say("Zum Inhalt springen", "Skip to content"),
    "contents": say("Inhalt", "Contents"),
    "made-by": say("Erstellt mit Prüfstand {v}", "Made with Prüfstand {v}"),
    "nav-answer": say("Antwort", "Answer"),
    "nav-metrics": say("Messwerte", "Figures"),
    "nav-losses": say("Verluste", "Losses"),
    "nav-canaries": say("Schwierige Fälle", "Hard cases"),
    "nav-consumers": say("Vorhandene Anwendungen", "Existing applications"),
    "nav-method": say("Wie gemessen wurde", "How it was measured"),
    # the answer
    "passed": say("Ja, ohne Verlust", "Yes, without loss"),
    "failed": say("Nicht ohne Verlust", "Not without loss"),
    "undetermined": say("Noch nicht entschieden", "Not decided yet"),
    "passed-told": say(
        "Alles, was das alte System herausgibt, ist im neuen System wieder da. Alle Schwellen sind eingehalten.",
        "Everything the old system gives out is there again in the new one. All gates hold.",
    ),
    "failed-told": say(
        "Mindestens eine Schwelle ist verfehlt. Wessen Sache das ist, steht bei den Verlusten.",
        "At least one gate is missed. Whose task that is stands beside the losses.",
    ),
    "undetermined-told": say(
        "Es fehlt noch etwas, um die Frage zu beantworten. Was, steht hier.",
        "Something is still missing to answer the question. What, is said here.",
    ),
    "q-lost": say("Was geht verloren?", "What is lost?"),
    "q-time": say("Wie lange dauert es?", "How long does it take?"),
    "q-cost": say("Was kostet es?", "What does it cost?"),
    "lost-nothing": say("Nichts.", "Nothing."),
    "lost-entities": say("Verlorene Objekte: {n} von {of}.", "Entities lost: {n} of {of}."),
    "lost-statements": say(
        "Verlorene oder geänderte Angaben: {n} von {of}.", "Statements lost or changed: {n} of {of}."
    ),
    "lost-relations": say("Verlorene Beziehungen: {n} von {of}.", "Relations lost: {n} of {of}."),
    "lost-others": say(
        "Verfehlt sind auch die Schwellen für: {names}.", "The gates for these are missed, too: {names}."
    ),
    "time-measured": say(
        "Gemessen: {t} für {n} Objekte (herausholen, laden, nachprüfen).",
        "Measured: {t} for {n} entities (extract, load, verify).",
    ),
    "time-volume": say(
        "Hochgerechnet auf {n} Objekte: {low} bis {high}.", "For {n} entities: {low} to {high}."
    ),
    "cost-known": say("{eur} Euro. Quelle: {source}", "{eur} euros. Source: {source}"),
    "why": say("Gründe", "Reasons"),
    "owners": say("Wer muss etwas tun?", "Who has to act?"),
    # metrics
    "metrics-intro": say(
        "Dreizehn Messwerte, die nie zu einer Zahl verrechnet werden. Jeder hat eine Schwelle.",
        "Thirteen figures that are never made into one number. Each has a gate.",
    ),
    "metric": say("Messwert", "Figure"),
    "value": say("Ergebnis", "Result"),
    "of": say("Gemessen an", "Measured on"),
    "gate": say("Schwelle", "Gate"),
    "holds": say("Eingehalten?", "Holds?"),
    "yes": say("eingehalten", "holds"),
    "no": say("verfehlt", "missed"),
    "open": say("nicht gemessen", "not measured"),
    "empty": say("nichts vorhanden", "nothing there"),
    # losses
    "losses-intro": say(
        "Jeder einzelne Verlust steht in losses.ndjson; hier gleichartige zusammengefasst.",
        "Every single loss is in losses.ndjson; here those of one kind together.",
    ),
    "losses-none": say("Es ging nichts verloren.", "Nothing was lost."),
    "owner-vendor": say("Altes System", "Old system"),
    "owner-receiving-system": say("Neues System", "New system"),
    "owner-standard": say("Der Standard selbst", "The standard itself"),
    "owner-loader": say("Unser Lader", "Our loader"),
    "owner-unexplained": say("Ungeklärt", "Unexplained"),
    "act-vendor": say(
        "Der Anbieter des alten Systems muss die Daten vollständig und unverändert herausgeben.",
        "The provider of the old system has to give the data out completely and unchanged.",
    ),
    "act-receiving-system": say(
        "Der Anbieter des neuen Systems muss die Daten annehmen und unverändert wiedergeben.",
        "The provider of the new system has to take the data and give them back unchanged.",
    ),
    "act-standard": say(
        "Das lässt der Standard nicht anders zu; es zählt nicht als Fehler eines Anbieters.",
        "The standard does not provide otherwise; it is no provider's fault.",
    ),
    "act-loader": say(
        "Ein Fehler dieses Werkzeugs: Bitte melden. Er zählt gegen keines der Systeme.",
        "A fault of this tool: please report it. It counts against neither system.",
    ),
    "act-unexplained": say(
        "Solange das offen ist, gilt die Probe nicht als bestanden.",
        "As long as this is open the rehearsal does not count as passed.",
    ),
    "where": say("Wo", "Where"),
    "what": say("Was", "What"),
    "before-after": say("Vorher → nachher", "Before → after"),
    "times": say("Wie oft", "How often"),
    "reason": say("Warum", "Why"),
    "whole-entity": say("ganzes Objekt", "whole entity"),
    "relation": say("Beziehung {n}", "relation {n}"),
    "nothing": say("(nichts)", "(nothing)"),
    "counts-not": say("zählt nicht", "does not count"),
    "lost": say("verloren", "lost"),
    "changed": say("geändert", "changed"),
    "type-changed": say("anderer Datentyp", "other data type"),
    "language-lost": say("Sprache verloren", "language lost"),
    "null-missing": say("null und fehlend vertauscht", "null and missing swapped"),
    "added": say("hinzugekommen", "added"),
    # canaries
    "canaries-intro": say(
        "Diese Fälle wurden vorher in das alte System geladen, weil Systeme gern an ihnen scheitern.",
        "These cases were loaded into the old system before, because systems tend to fail on them.",
    ),
    "canary": say("Fall", "Case"),
    "state": say("Ergebnis", "Result"),
    "canary-kept": say("unverändert angekommen", "arrived unchanged"),
    "canary-changed": say("verändert", "changed"),
    "canary-lost": say("verloren", "lost"),
    "canary-altered": say("schon vom alten System verändert", "already altered by the old system"),
    "canary-refused": say("vom alten System nicht angenommen", "not taken by the old system"),
    # consumers
    "consumers-intro": say(
        "Anfragen, die Anwendungen an das alte System stellen, wurden dem neuen gestellt: {same} von {n} mit "
        "gleicher Antwort.",
        "Requests that applications send to the old system were sent to the new one: {same} of {n} with the "
        "same answer.",
    ),
    "same": say("gleiche Antwort", "same answer"),
    "differs": say("andere Antwort", "other answer"),
    "incomparable": say("nicht vergleichbar", "not comparable"),
    "request": say("Anfrage", "Request"),
    "root": say("(Wurzeladresse)", "(root address)"),
    # method
    "systems": say("Die beiden Systeme", "The two systems"),
    "from": say("Altes System", "Old system"),
    "to": say("Neues System", "New system"),
    "independent": say("Unabhängig voneinander?", "Independent of each other?"),
    "started": say("Beginn", "Started"),
    "finished": say("Ende", "Finished"),
    "load-path": say("Ladeweg", "Load path"),
    "calibration": say("Eichung des Laders", "Calibration of the loader"),
    "calibration-told": say(
        "Derselbe Lader in unseren Referenzspeicher und zurück: {n} Abweichungen.",
        "The same loader into our reference store and back: {n} deviations.",
    ),
    "determinism": say("Gleicher Export zweimal", "The same export twice"),
    "determinism-told": say("{n} Abweichungen.", "{n} deviations."),
    "scope": say("Umfang", "Scope"),
    "kind-of": say("Art", "Kind"),
    "announced": say("angekündigt", "announced"),
    "extracted": say("herausgeholt", "extracted"),
    "loaded": say("geladen", "loaded"),
    "rejected": say("abgelehnt", "refused"),
    "verified": say("wiedergefunden", "found again"),
    "phases": say("Abschnitte", "Phases"),
    "phase": say("Abschnitt", "Phase"),
    "seconds": say("Dauer", "Duration"),
    "requests": say("Anfragen", "Requests"),
    "bytes": say("Datenmenge", "Volume"),
    "phase-extract": say("Herausholen", "Extract"),
    "phase-extract-again": say("Noch einmal herausholen", "Extract again"),
    "phase-determinism": say("Beide Exporte vergleichen", "Compare both exports"),
    "phase-calibration": say("Lader eichen", "Calibrate the loader"),
    "phase-load": say("Laden", "Load"),
    "phase-verify": say("Aus dem neuen System herausholen", "Extract from the new system"),
    "phase-compare": say("Vergleichen", "Compare"),
    "phase-replay": say("Anfragen der Anwendungen", "Requests of applications"),
    "phase-visibility": say("Sichtbarkeit", "Visibility"),
    "files": say("Dateien der Probe (SHA-256)", "Files of the rehearsal (SHA-256)"),
    "not-exported": say(
        "Nicht über die offene Schnittstelle zu haben", "Not to be had through the open interface"
    ),
    # units
    "share": say("{n} von {of} ({p} %)", "{n} of {of} ({p} %)"),
    "metres": say("{v} m", "{v} m"),
    "time-apart": say("{v} s", "{v} s"),
    "relative": say("{v} (relativ)", "{v} (relative)"),
    "leaks": say("{n} von {of} öffentlich geworden", "{n} of {of} became public"),
    "differences": say("{n} Unterschiede", "{n} differences"),
    "euros": say("{v} Euro", "{v} euros"),
    "flagged": say("{v}; veränderte Stellen: {n} ({flags})", "{v}; places changed: {n} ({flags})"),
    "secs": say("{v} Sekunden", "{v} seconds"),
    "mins": say("{v} Minuten", "{v} minutes"),
    "hours": say("{v} Stunden", "{v} hours"),
    "days": say("{v} Tage", "{v} days"),
    "gate-L_ent": say("keines", "none"),
    "gate-L_prop": say("keine (Merkmale des Standards)", "none (members of the standard)"),
    "gate-L_rel": say("keine", "none"),
    "gate-L_id": say("keine, sonst vollständige Zuordnungsliste", "none, otherwise a complete id map"),
    "gate-G_max": say("höchstens 0,01 m, nichts verloren", "at most 0.01 m, nothing lost"),
    "gate-T_max": say("0 Sekunden, nichts verloren", "0 seconds, nothing lost"),
    "gate-N_max": say("höchstens 1e-12, gleicher Datentyp", "at most 1e-12, same data type"),
    "gate-L_bin": say("keine", "none"),
    "gate-L_hist": say("keine", "none"),
    "gate-L_perm": say("nichts wird öffentlich", "nothing becomes public"),
    "gate-D_exp": say("keine", "none"),
    "gate-R_time": say("höchstens 24 Stunden (Gesetz: 30 Tage)", "at most 24 hours (law: 30 days)"),
    "gate-C_cost": say("0 Euro", "0 euros"),
    "of-L_ent": say("{n} Objekte", "{n} entities"),
    "of-L_prop": say("{n} Angaben", "{n} statements"),
    "of-L_rel": say("{n} Beziehungen", "{n} relations"),
    "of-L_id": say("{n} Kennungen", "{n} ids"),
    "of-G_max": say("{n} Stützpunkte", "{n} vertices"),
    "of-T_max": say("{n} Zeitangaben", "{n} times"),
    "of-N_max": say("{n} Zahlen", "{n} numbers"),
    "of-L_bin": say("{n} Dateien", "{n} files"),
    "of-L_hist": say("{n} Einträge der Historie", "{n} entries of history"),
    "of-L_perm": say("{n} Objekte", "{n} entities"),
    "of-D_exp": say("{n} Objekte", "{n} entities"),
    "of-R_time": say("{n} Objekte", "{n} entities"),
    "of-C_cost": say("Angabe", "statement"),
    # flags
    "offset-lost": say("Zeitzone verloren", "offset lost"),
    "offset-added": say("Zeitzone hinzugefügt", "offset added"),
    "interval-collapsed": say("Zeitraum wurde Zeitpunkt", "interval became an instant"),
    "interval-widened": say("Zeitpunkt wurde Zeitraum", "instant became an interval"),
    "sub-second-cut": say("Sekundenbruchteile abgeschnitten", "fraction of a second cut"),
    "bound-lost": say("Grenze verloren", "bound lost"),
    "bound-added": say("Grenze hinzugefügt", "bound added"),
    "reset": say("auf den Zeitpunkt des Ladens gesetzt", "set to the time of loading"),
    "vertex-lost": say("Stützpunkt verloren", "vertex lost"),
    "vertex-added": say("Stützpunkt hinzugefügt", "vertex added"),
    "dimension-lost": say("Höhe verloren", "height lost"),
    "dimension-added": say("Höhe hinzugefügt", "height added"),
    "hole-lost": say("Loch gefüllt", "hole filled"),
    "ring-order": say("Reihenfolge der Stützpunkte", "order of vertices"),
    "geometry-type": say("Geometrieart", "type of geometry"),
    "integer-decimal": say("ganze Zahl und Dezimalzahl", "integer and decimal"),
    "number-type": say("Zahl und anderer Datentyp", "number and other data type"),
    "unit": say("Maßeinheit", "unit"),
    "unicode-normalised": say("Zeichen umgeformt (NFC/NFD)", "characters normalised (NFC/NFD)"),
    "trimmed": say("Leerraum entfernt", "white space removed"),
    "cut-off": say("abgeschnitten", "cut off"),
    "became-null": say("wurde null", "became null"),
    "extension": say("Erweiterung des Herstellers", "extension of the vendor"),
    "derived": say("vom System selbst berechnet", "worked out by the system"),
    "withheld": say("angekündigt, nicht herausgegeben", "announced, not given out"),
}


def phrase(key: str, lang: Language, **values: Any) -> str:
    """The sentence ``key`` in ``lang`` with ``{name}`` replaced by ``values[name]``."""
    sentence = TEXTS[key].in_language(lang)
    return sentence.format(**values) if values else sentence


def word(key: str, lang: Language) -> str:
    """The word for a name out of the result; names without a word stay as they are."""
    found = TEXTS.get(key)
    return found.in_language(lang) if found else key
