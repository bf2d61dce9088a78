"""Every sentence of the register's own interface, German and English, in one place."""

from __future__ import annotations

from typing import Any

from conformance.model import Language, Text, say
from conformance.register.entries import Entry, instant

TEXTS: dict[str, Text] = {
    # frame
    "skip": say("Zum Inhalt springen", "Skip to content"),
    "menu": say("Hauptnavigation", "Main navigation"),
    "other-language": say("English", "Deutsch"),
    "crumbs": say("Pfad", "Breadcrumb"),
    "nav-start": say("Start", "Home"),
    "nav-names": say("Von A bis Z", "A to Z"),
    "nav-lands": say("Länder", "Länder"),
    "nav-profiles": say("Profile", "Profiles"),
    "nav-statistics": say("Statistik", "Statistics"),
    "nav-data": say("Offene Daten", "Open data"),
    "nav-about": say("Verfahren", "Method"),
    "trial": say("Proberegister", "Trial register"),
    "trial-sentence": say(
        "Für dieses Register steht noch keine Stelle ein. Seine Einträge dienen der Erprobung.",
        "No organisation stands for this register yet. Its entries are for trying out.",
    ),
    "published-by": say("Herausgegeben von {name}", "Published by {name}"),
    "imprint": say("Impressum", "Legal notice"),
    "privacy": say("Datenschutz", "Privacy"),
    "accessibility": say("Barrierefreiheit", "Accessibility"),
    "contact": say("Kontakt", "Contact"),
    "feed": say("Neues als Atom-Feed", "News as Atom feed"),
    "as-of": say("Stand: {day}", "As of {day}"),
    # start
    "lead": say(
        "Welche Plattformen von Städten, Kreisen und Gemeinden sprechen offene Standards? Hier steht, "
        "was geprüft wurde, von wem, mit welchem Ergebnis und wie lange es gilt.",
        "Which platforms of cities, counties and municipalities speak open standards? This register says "
        "what was tested, by whom, with which result, and how long it holds.",
    ),
    "find": say("Eine Plattform finden", "Find a platform"),
    "by-name": say("Nach Namen", "By name"),
    "by-land": say("Nach Land", "By Land"),
    "by-profile": say("Nach Standard", "By standard"),
    "find-hint": say(
        "Jede Liste lässt sich mit der Suche des Browsers (Strg+F) durchsuchen.",
        "Every list can be searched with the browser's own search (Ctrl+F).",
    ),
    "latest": say("Zuletzt eingetragen", "Latest entries"),
    "empty": say("Noch ist nichts eingetragen.", "Nothing is entered yet."),
    "how-to-read": say("So liest man einen Eintrag", "How to read an entry"),
    "read-1": say(
        "Die Entscheidung gilt für eine Plattform, ein Profil und eine Zeit, nicht für einen Hersteller.",
        "The decision holds for one platform, one profile and one time, not for a vendor.",
    ),
    "read-2": say(
        "MUSS, SOLL und KANN werden getrennt gezählt und nie zu einer Note verrechnet.",
        "MUST, SHOULD and MAY are counted apart and never mixed into one score.",
    ),
    "read-3": say(
        "Die Nachweisstufe sagt, wer für das Ergebnis einsteht.",
        "The evidence level says who stands for the result.",
    ),
    "read-more": say("Mehr zum Verfahren", "More about the method"),
    # lists
    "names-title": say("Plattformen: {range}", "Platforms: {range}"),
    "list-caption": say("Plattformen und Entscheidungen", "Platforms and decisions"),
    "letters": say("Anfangsbuchstaben", "Initial letters"),
    "pages": say("Seiten dieser Liste", "Pages of this list"),
    "previous": say("Zurück", "Previous"),
    "next": say("Weiter", "Next"),
    "platform": say("Plattform", "Platform"),
    "profile": say("Profil", "Profile"),
    "decision": say("Entscheidung", "Decision"),
    "evidence": say("Nachweis", "Evidence"),
    "valid-until": say("Gültig bis", "Valid until"),
    "land": say("Land", "Land"),
    "ags": say("AGS", "AGS"),
    "lands-title": say("Plattformen nach Land", "Platforms by Land"),
    "lands-intro": say(
        "Jedes Land führt zu einer Tabelle nach amtlichem Gemeindeschlüssel (AGS).",
        "Each Land leads to a table by official municipality key (AGS).",
    ),
    "nowhere": say("Ohne Angabe eines Landes", "No Land stated"),
    "no-ags": say("ohne", "none"),
    "no-entries": say("keine Einträge", "no entries"),
    "land-caption": say(
        "Plattformen in {land} nach Gemeindeschlüssel", "Platforms in {land} by municipality key"
    ),
    "profiles-title": say("Profile", "Profiles"),
    "profiles-intro": say(
        "Ein Profil legt fest, welche Teile eines Standards verlangt werden. Verglichen wird nur innerhalb "
        "eines Profils.",
        "A profile fixes which parts of a standard are demanded. Comparison is only made within one profile.",
    ),
    "compare": say("Plattformen vergleichen", "Compare platforms"),
    "compare-title": say("Vergleich: {profile}", "Comparison: {profile}"),
    "compare-intro": say(
        "In der Reihenfolge des Alphabets, nicht als Rangliste. Gezählt sind Anforderungen, getrennt nach "
        "Verbindlichkeit: erfüllt, nicht erfüllt, offen.",
        "In alphabetical order, not a ranking. Requirements are counted, apart by binding level: passed, "
        "failed, open.",
    ),
    "compare-caption": say("Plattformen im Profil {profile}", "Platforms in the profile {profile}"),
    "compare-all": say("Alle Länder", "All Länder"),
    "compare-where": say("Auswahl nach Land", "Select by Land"),
    "counts": say(
        "<span><b>{passed}</b> erfüllt</span> <span><b>{failed}</b> nicht</span> <span><b>{open}</b> offen</span>",
        "<span><b>{passed}</b> passed</span> <span><b>{failed}</b> failed</span> <span><b>{open}</b> open</span>",
    ),
    "none": say("keine", "none"),
    # decisions, status, evidence
    "conforming": say("Konform", "Conforming"),
    "not-conforming": say("Nicht konform", "Not conforming"),
    "undetermined": say("Nicht entschieden", "Undetermined"),
    "not-claimed": say("Nicht beansprucht", "Not claimed"),
    "sentence-conforming": say(
        "„{name}“ hält das Profil „{profile}“ ein.", "“{name}” conforms to the profile “{profile}”."
    ),
    "sentence-not-conforming": say(
        "„{name}“ hält das Profil „{profile}“ nicht ein.",
        "“{name}” does not conform to the profile “{profile}”.",
    ),
    "sentence-undetermined": say(
        "Ob „{name}“ das Profil „{profile}“ einhält, ist offen.",
        "Whether “{name}” conforms to the profile “{profile}” is open.",
    ),
    "holds-until": say("Gültig bis {day}.", "Valid until {day}."),
    "word-upcoming": say("Noch nicht gültig", "Not yet valid"),
    "word-expired": say("Abgelaufen", "Expired"),
    "word-superseded": say("Abgelöst", "Superseded"),
    "word-withdrawn": say("Zurückgezogen", "Withdrawn"),
    "was-said": say("Die Aussage lautet:", "The statement reads:"),
    "notice-upcoming": say("Diese Aussage gilt erst ab {day}.", "This statement only holds from {day}."),
    "notice-expired": say(
        "Diese Aussage ist am {day} abgelaufen. Sie sagt nichts mehr über den heutigen Stand.",
        "This statement expired on {day}. It no longer says anything about today.",
    ),
    "notice-superseded": say(
        "Dieselbe Stelle hat diese Aussage durch eine neuere ersetzt.",
        "The same issuer has replaced this statement by a newer one.",
    ),
    "notice-withdrawn": say(
        "Diese Aussage wurde am {day} zurückgezogen. Grund: {reason}",
        "This statement was withdrawn on {day}. Reason: {reason}",
    ),
    "to-successor": say("Zur neueren Aussage", "Go to the newer statement"),
    "test-key": say("Probeschlüssel", "test key"),
    "notice-test-key": say(
        "Mit einem Probeschlüssel unterzeichnet: Niemand steht für diese Aussage ein. Sie zählt in keiner Statistik.",
        "Signed with a test key: nobody stands for this statement. It counts in no statistics.",
    ),
    "self-test": say("Selbstprüfung", "Self test"),
    "acceptance": say("Abnahme durch den Auftraggeber", "Acceptance by the buyer"),
    "accredited": say("Akkreditierte Stelle", "Accredited body"),
    "mean-self-test": say(
        "Hersteller oder Betreiber hat selbst geprüft und erklärt sich.",
        "Vendor or operator tested by themselves and make a declaration.",
    ),
    "mean-acceptance": say(
        "Die beschaffende Stelle hat geprüft und das Ergebnis vermerkt.",
        "The buying organisation tested and noted the result.",
    ),
    "mean-accredited": say(
        "Eine akkreditierte unabhängige Stelle hat geprüft und ein Zertifikat ausgestellt.",
        "An accredited independent body tested and issued a certificate.",
    ),
    # entry
    "statement": say("Konformitätsaussage", "Conformance statement"),
    "three-counts": say("Drei getrennte Zählungen", "Three separate counts"),
    "MUST": say("MUSS", "MUST"),
    "SHOULD": say("SOLL", "SHOULD"),
    "MAY": say("KANN", "MAY"),
    "MUST_NOT": say("DARF NICHT", "MUST NOT"),
    "SHOULD_NOT": say("SOLL NICHT", "SHOULD NOT"),
    "means-must": say("entscheidet", "decides"),
    "means-should": say("Empfehlung", "recommendation"),
    "means-may": say("Möglichkeit", "option"),
    "passed": say("erfüllt", "passed"),
    "failed": say("nicht erfüllt", "failed"),
    "cant_tell": say("nicht feststellbar", "cannot tell"),
    "inapplicable": say("nicht anwendbar", "inapplicable"),
    "untested": say("nicht geprüft", "untested"),
    "facts": say("Angaben", "Facts"),
    "operator": say("Betreiber", "Operator"),
    "product": say("Produkt", "Product"),
    "address": say("Adresse", "Address"),
    "tenant": say("Mandant", "Tenant"),
    "place": say("Ort", "Place"),
    "issuer": say("Ausgestellt von", "Issued by"),
    "accreditation": say("Akkreditierung", "Accreditation"),
    "issued": say("Ausgestellt", "Issued"),
    "validity": say("Gültigkeit", "Validity"),
    "from-to": say("{since} bis {until}", "{since} to {until}"),
    "suite": say("Prüfstand", "Suite"),
    "version": say("Version {version}", "version {version}"),
    "unknown": say("nicht angegeben", "not stated"),
    "classes": say("Konformitätsklassen", "Conformance classes"),
    "classes-short": say("Klassen", "Classes"),
    "classes-caption": say("Entscheidung je Klasse", "Decision per class"),
    "class": say("Klasse", "Class"),
    "failed-title": say("Was nicht erfüllt ist", "What is not met"),
    "failed-none": say("Keine geprüfte Anforderung ist verletzt.", "No tested requirement is violated."),
    "failed-more": say("Weitere stehen im Prüfbericht.", "More are in the report."),
    "failed-caption": say("Verletzte Anforderungen", "Requirements violated"),
    "requirement": say("Anforderung", "Requirement"),
    "level": say("Verbindlichkeit", "Level"),
    "peers": say("Betroffen in diesem Profil", "Affected in this profile"),
    "peers-exact": say("{n} von {total} Plattformen", "{n} of {total} platforms"),
    "peers-least": say("mindestens {n} von {total} Plattformen", "at least {n} of {total} platforms"),
    "peers-few": say("nicht ausgewiesen", "not shown"),
    "waivers": say("Befristet hingenommen", "Waived for a time"),
    "waivers-intro": say(
        "Die ausstellende Stelle lässt diese Anforderungen bis zum genannten Tag gelten, obwohl sie nicht erfüllt "
        "sind. Die Zählung oben ändert sich dadurch nicht.",
        "The issuer accepts these requirements until the day named although they are not met. The counts above "
        "do not change by that.",
    ),
    "waiver-until": say("bis {day}: {reason}", "until {day}: {reason}"),
    "with-waivers": say("mit Ausnahmen auf Zeit: {n}", "with waivers: {n}"),
    "history": say("Verlauf", "History"),
    "history-caption": say(
        "Alle Aussagen zu dieser Plattform in diesem Profil",
        "All statements on this platform in this profile",
    ),
    "history-one": say(
        "Dies ist die erste Aussage zu dieser Plattform in diesem Profil.",
        "This is the first statement on this platform in this profile.",
    ),
    "history-more": say("Ältere Aussagen stehen in der API.", "Older statements are in the API."),
    "this-one": say("diese Seite", "this page"),
    "badge": say("Plakette", "Badge"),
    "badge-intro": say(
        "Die Plakette zeigt immer den Stand des Registers zu dieser Plattform und diesem Profil. Zum Einbinden:",
        "The badge always shows what the register says of this platform and profile. To embed it:",
    ),
    "badge-alt": say(
        "{decision}, {profile}: Eintrag im Register", "{decision}, {profile}: entry in the register"
    ),
    "badge-title": say("{name}, {profile}: {decision}", "{name}, {profile}: {decision}"),
    "badge-tested": say("Stand {day}", "as of {day}"),
    "badge-until": say("gilt bis {day}", "valid to {day}"),
    "badge-suite": say("Prüfstand {version}", "Prüfstand {version}"),
    "badge-upcoming": say("noch nicht gültig", "not yet valid"),
    "badge-expired": say("abgelaufen", "expired"),
    "badge-superseded": say("abgelöst", "superseded"),
    "badge-withdrawn": say("zurückgezogen", "withdrawn"),
    "verify": say("Nachprüfen", "Verify"),
    "verify-1": say(
        "Lassen Sie sich von der ausstellenden Stelle die Aussage als Ordner oder zip-Datei geben.",
        "Ask the issuer for the statement as a folder or zip file.",
    ),
    "verify-2": say(
        "Rechnen Sie Siegel, Prüfsummen und jedes Einzelergebnis ohne Netz nach:",
        "Recompute seal, digests and every verdict without network:",
    ),
    "verify-3": say("Vergleichen Sie Kennung und Prüfsumme mit diesen:", "Compare id and digest with these:"),
    "id": say("Kennung", "Id"),
    "report-digest": say("Prüfsumme des Berichts", "Digest of the report"),
    "manifest-digest": say("Prüfsumme des Verzeichnisses", "Digest of the manifest"),
    "profile-digest": say("Prüfsumme des Profils", "Digest of the profile"),
    "as-json": say("Diesen Eintrag als JSON", "This entry as JSON"),
    "renew": say("Erneuern oder widersprechen", "Renew or object"),
    "renew-1": say(
        "Eine Aussage verlängert sich nicht von selbst: Wer vor dem {day} erneut prüft und eine neue Aussage "
        "einreicht, behält Adresse und Plakette.",
        "A statement does not renew itself: whoever tests again and submits a new statement before {day} keeps "
        "address and badge.",
    ),
    "renew-2": say(
        "Stimmt hier etwas nicht, hilft der Weg zum Widerspruch.",
        "If something is wrong here, use the way to object.",
    ),
    "to-appeal": say("Widerspruch und Berichtigung", "Objection and correction"),
    # statistics
    "statistics-title": say("Statistik", "Statistics"),
    "statistics-intro": say(
        "Zahlen gibt es nur je Profil. Gezählt wird jede Plattform einmal, mit der Aussage, die heute gilt; "
        "Probeschlüssel zählen nicht.",
        "Figures exist per profile only. Every platform counts once, with the statement in force today; "
        "test keys do not count.",
    ),
    "statistics-k": say(
        "Keine Zahl beruht auf weniger als {k} Plattformen, auch nicht, wenn man Zahlen voneinander abzieht. "
        "„Nicht ausgewiesen“ heißt nicht null.",
        "No figure rests on fewer than {k} platforms, nor does one that follows by subtraction. "
        "“Not shown” does not mean zero.",
    ),
    "statistics-of": say("Statistik: {profile}", "Statistics: {profile}"),
    "too-few": say(
        "Zu diesem Profil liegen zu wenige gültige Aussagen für eine Statistik vor.",
        "There are too few statements in force on this profile for statistics.",
    ),
    "platforms-counted": say("Plattformen mit gültiger Aussage", "Platforms with a statement in force"),
    "not-shown": say("nicht ausgewiesen", "not shown"),
    "decisions": say("Entscheidungen", "Decisions"),
    "decisions-caption": say("Plattformen je Entscheidung", "Platforms per decision"),
    "by-land-caption": say("Plattformen je Land und Entscheidung", "Platforms per Land and decision"),
    "by-level-title": say("Nach Nachweisstufe", "By evidence level"),
    "by-level-caption": say(
        "Plattformen je Nachweisstufe und Entscheidung", "Platforms per evidence level and decision"
    ),
    "trend": say("Entwicklung", "Trend"),
    "trend-caption": say(
        "Plattformen mit neuen Aussagen je Vierteljahr", "Platforms with new statements per quarter"
    ),
    "trend-desc": say(
        "Säulen je Vierteljahr, unterteilt nach Entscheidung; die Zahlen stehen in der Tabelle darunter.",
        "One column per quarter, divided by decision; the figures are in the table below.",
    ),
    "quarter": say("Vierteljahr", "Quarter"),
    "platforms": say("Plattformen", "Platforms"),
    "share": say("Anteil", "Share"),
    "most-failed": say("Was am häufigsten nicht erfüllt ist", "What is failed most often"),
    "most-failed-caption": say(
        "Anforderungen nach Zahl der Plattformen, die sie nicht erfüllen",
        "Requirements by number of platforms that fail them",
    ),
    "most-failed-intro": say(
        "Verletzen viele dieselbe Anforderung, liegt es vielleicht am Standard, an seiner Auslegung oder an "
        "fehlender Schulung.",
        "If many violate the same requirement, the cause may be the standard, its reading, or missing training.",
    ),
    "most-failed-none": say(
        "Keine Anforderung wird von genügend vielen Plattformen verletzt.",
        "No requirement is violated by enough platforms.",
    ),
    "to-statistics": say("Zur Statistik dieses Profils", "Statistics of this profile"),
    # data
    "data-title": say("Offene Daten", "Open data"),
    "data-intro": say(
        "Der ganze Inhalt des Registers ist offen und ohne Anmeldung nutzbar.",
        "All content of the register is open and can be used without registration.",
    ),
    "licence": say("Lizenz", "Licence"),
    "data-catalogue": say("Katalog nach DCAT-AP.de 3.0", "Catalogue by DCAT-AP.de 3.0"),
    "data-catalogue-intro": say(
        "Für Portale wie GovData: Ein Datensatz je Profil.",
        "For portals such as GovData: one dataset per profile.",
    ),
    "data-files": say("Dateien je Profil", "Files per profile"),
    "data-files-caption": say("Downloads", "Downloads"),
    "data-size": say("Dateien", "Files"),
    "data-api": say("Schnittstelle für Programme", "Interface for programs"),
    "data-api-intro": say(
        "Statisches JSON mit JSON Schema, ohne Schlüssel und ohne Mengengrenze.",
        "Static JSON with a JSON Schema, without key and without quota.",
    ),
    "data-api-start": say("Einstieg", "Entry point"),
    "data-api-schema": say("JSON Schema", "JSON Schema"),
    "data-feed": say("Neue Einträge", "New entries"),
    "data-integrity": say("Unversehrtheit", "Integrity"),
    "data-integrity-intro": say(
        "Prüfsummen aller Dateien dieser Website, zu prüfen mit sha256sum -c:",
        "Digests of all files of this site, to be checked with sha256sum -c:",
    ),
    # about
    "about-title": say("Verfahren", "Method"),
    "about-what": say("Was eingetragen wird", "What is entered"),
    "what-1": say(
        "Aussagen bekannter Stellen, deren Siegel und Prüfsummen stimmen. Was sich nicht nachprüfen lässt, wird "
        "nicht eingetragen.",
        "Statements of known issuers whose seal and digests are valid. What cannot be verified is not entered.",
    ),
    "what-2": say(
        "Nur, was die ausstellende Stelle zur Veröffentlichung freigegeben hat.",
        "Only what its issuer has released for publication.",
    ),
    "what-3": say(
        "Nichts aus laufenden Vergabeverfahren (§ 5 VgV).", "Nothing from running award procedures (§ 5 VgV)."
    ),
    "what-4": say(
        "Keine personenbezogenen Daten: genannt werden Organisationen, keine Menschen.",
        "No personal data: organisations are named, people are not.",
    ),
    "about-levels": say("Nachweisstufen", "Evidence levels"),
    "about-status": say("Wie lange etwas gilt", "How long something holds"),
    "status-1": say(
        "Jede Aussage nennt Beginn und Ende. Danach bleibt sie sichtbar und ist als abgelaufen gekennzeichnet.",
        "Every statement names begin and end. Afterwards it stays visible and is marked as expired.",
    ),
    "status-2": say(
        "Eine neuere Aussage derselben Stelle löst die ältere ab. Niemand kann die Aussage einer anderen Stelle "
        "ablösen.",
        "A newer statement of the same issuer supersedes the older. Nobody can supersede the statement of "
        "another issuer.",
    ),
    "status-3": say(
        "Gelten mehrere, spricht die mit der höchsten Nachweisstufe, bei gleicher Stufe die neueste.",
        "If several are in force, the one with the highest evidence level speaks, then the newest.",
    ),
    "status-4": say(
        "Zurückgezogenes bleibt mit Grund und Tag stehen.",
        "What is withdrawn stays, with reason and day.",
    ),
    "about-decision": say("Wie entschieden wird", "How decisions are made"),
    "rule-1": say(
        "Eine verletzte MUSS-Anforderung macht eine Klasse nicht konform.",
        "One violated MUST makes a class not conforming.",
    ),
    "rule-2": say(
        "Ist eine MUSS-Anforderung ungeklärt oder nichts geprüft, ist nichts entschieden.",
        "If a MUST is open, or nothing was tested, nothing is decided.",
    ),
    "rule-3": say(
        "Nur Fehler der Plattform zählen gegen sie.", "Only faults of the platform count against it."
    ),
    "about-statistics": say("Zahlen", "Figures"),
    "statistics-note": say(
        "Die Einträge selbst sind öffentlich und lassen sich auszählen. Die Schwelle verhindert, dass das "
        "Register aus wenigen Einträgen allgemeine Aussagen macht.",
        "The entries themselves are public and can be counted. The threshold keeps the register from drawing "
        "general statements from few entries.",
    ),
    "appeal-title": say("Widerspruch und Berichtigung", "Objection and correction"),
    "appeal-1": say(
        "Wer betroffen ist, kann widersprechen: Betreiber, Hersteller und ausstellende Stelle. Das kostet nichts.",
        "Whoever is affected can object: operator, vendor and issuer. It is free of charge.",
    ),
    "appeal-2": say(
        "Nennen Sie die Kennung des Eintrags und die Anforderung. Der Beleg im Prüfbericht zeigt, was gesendet und "
        "geantwortet wurde.",
        "Name the id of the entry and the requirement. The evidence in the report shows what was sent and answered.",
    ),
    "appeal-3": say(
        "Lag der Fehler bei der Prüfsuite, wird die Aussage zurückgezogen und unten verzeichnet; danach wird neu "
        "geprüft.",
        "If the suite was at fault, the statement is withdrawn and listed below; then it is tested again.",
    ),
    "appeal-contact": say("Widerspruch einlegen", "Object"),
    "appeal-no-contact": say(
        "Dieses Register nennt noch keine Stelle für Widersprüche.",
        "This register names no organisation for objections yet.",
    ),
    "corrections": say("Zurückgezogene Aussagen", "Withdrawn statements"),
    "corrections-none": say("Bisher keine.", "None so far."),
    "correction": say("{day}: {reason}", "{day}: {reason}"),
    # feed
    "feed-subtitle": say(
        "Neue, abgelöste und zurückgezogene Einträge", "New, superseded and withdrawn entries"
    ),
    "feed-title": say("{name}, {profile}: {state}", "{name}, {profile}: {state}"),
    "feed-summary": say(
        "{sentence} Nachweis: {level}. Gültig bis {day}. Prüfstand {suite}.",
        "{sentence} Evidence: {level}. Valid until {day}. Prüfstand {suite}.",
    ),
}


def phrase(key: str, lang: Language, **values: Any) -> str:
    """The sentence ``key`` in ``lang`` with ``{name}`` replaced by ``values[name]``."""
    sentence = TEXTS[key].in_language(lang)
    return sentence.format(**values) if values else sentence


def summary(entry: Entry, lang: Language) -> str:
    """An entry in two or three sentences, for readers of the feed."""
    told = phrase(
        f"sentence-{entry.decision}",
        lang,
        name=entry.subject.name,
        profile=entry.profile.title.in_language(lang),
    )
    return phrase(
        "feed-summary",
        lang,
        sentence=told,
        level=phrase(entry.level, lang),
        day=day(entry.valid_until, lang),
        suite=entry.suite,
    )


def number(value: int, lang: Language) -> str:
    """A number with the separators of the language."""
    shown = f"{value:,}"
    return shown if lang == "en" else shown.replace(",", ".")


def day(value: str, lang: Language) -> str:
    """A day in the short form of the language: 21.11.2026, 2026-11-21 (unambiguous for English readers)."""
    at = instant(value)
    return f"{at:%d.%m.%Y}" if lang == "de" else f"{at:%Y-%m-%d}"
