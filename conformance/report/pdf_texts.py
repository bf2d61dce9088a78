"""Sentences that only the PDF of a report says, German and English."""

from __future__ import annotations

from conformance.model.text import Text, say

PDF_TEXTS: dict[str, Text] = {
    "page-of": say("Seite {n} von {all}", "Page {n} of {all}"),
    "guide": say("Wer liest was", "Who reads what"),
    "guide-decision": say("Leitung und Gremien: diese Seite", "Management and boards: this page"),
    "guide-buyer": say("Einkauf und Vergabe: Teil B", "Procurement: part B"),
    "guide-engineer": say("Technik: Teil C", "Engineers: part C"),
    "guide-proof": say("Nachweis und Verfahren: Teil D", "Proof and method: part D"),
    "contents": say("Inhalt", "Contents"),
    "part-a": say("Teil A: Entscheidung", "Part A: Decision"),
    "part-b": say("Teil B: Für Einkauf und Vergabe", "Part B: For procurement"),
    "part-c": say("Teil C: Für die Technik", "Part C: For engineers"),
    "part-d": say("Teil D: Nachweis und Verfahren", "Part D: Proof and method"),
    "bar-alt": say(
        "Balken der MUSS-Anforderungen der geprüften Klassen: {parts}.",
        "Bar of the MUST requirements of the tested classes: {parts}.",
    ),
    "bar-caption": say("MUSS-Anforderungen der geprüften Klassen", "MUST requirements of the tested classes"),
    "criterion": say("Art", "Type"),
    "criterion-intro": say(
        "Art A: Ausschlusskriterium (MUSS, DARF NICHT). Art B: Bewertungskriterium (SOLL, SOLL NICHT). "
        "Das ist ein Vorschlag; im Vergabeverfahren gilt die veröffentlichte Bewertungsmatrix. "
        "Beleg ist die Kennung der aufgezeichneten Anfrage in evidence.warc.gz.",
        "Type A: knock-out criterion (MUST, MUST NOT). Type B: award criterion (SHOULD, SHOULD NOT). "
        "This is a proposal; in an award procedure the published evaluation matrix rules. "
        "Evidence is the id of the recorded request in evidence.warc.gz.",
    ),
    "clause-short": say("Abschnitt", "Clause"),
    "table-of-class": say("Klasse „{name}“ ({count})", "Class “{name}” ({count})"),
    "more-evidence": say("+ {n} weitere", "+ {n} more"),
    "none-short": say("–", "–"),
    "rows-cut": say(
        "Gekürzt: {shown} von {total} Anforderungen stehen in diesem PDF, zuerst die mit MUSS. "
        "Alle stehen in der eingebetteten Datei report.json.",
        "Cut: {shown} of {total} requirements are in this PDF, those with MUST first. "
        "All are in the embedded file report.json.",
    ),
    "findings-cut": say(
        "Gekürzt: {shown} von {total} Befunden stehen in diesem PDF, höchstens {each} je Anforderung, zuerst die "
        "mit MUSS. Alle aufgezeichneten Befunde stehen in der eingebetteten Datei report.json.",
        "Cut: {shown} of {total} findings are in this PDF, at most {each} per requirement, those with MUST "
        "first. All recorded findings are in the embedded file report.json.",
    ),
    "exchanges-cut": say(
        "Gekürzt: {shown} von {total} Anfragen stehen in diesem PDF, zuerst die mit Befund. "
        "Alle stehen in evidence.warc.gz.",
        "Cut: {shown} of {total} requests are in this PDF, those with findings first. "
        "All are in evidence.warc.gz.",
    ),
    "claims-cut": say(
        "… und {n} weitere Angaben, siehe report.json", "… and {n} more claims, see report.json"
    ),
    "curl-long": say(
        "Der Befehl ist zu lang für diese Seite; die Anfrage steht in report.json.",
        "The command is too long for this page; the request is in report.json.",
    ),
    "finding-of": say("Befund {n} von {total}", "Finding {n} of {total}"),
    "evidence-table": say("Aufgezeichnete Anfragen", "Recorded requests"),
    "embedded": say("Eingebettete Dateien", "Embedded files"),
    "embedded-intro": say(
        "Diesem PDF liegt der Bericht als Daten bei (report.json, kanonisch nach RFC 8785). "
        "Ein PDF-Programm zeigt ihn unter „Anlagen“; seine Prüfsumme:",
        "The report is attached to this PDF as data (report.json, canonical by RFC 8785). "
        "A PDF viewer shows it under “attachments”; its digest:",
    ),
    "embedded-too-large": say(
        "Der Bericht als Daten (report.json) ist für dieses PDF zu groß und liegt ihm nicht bei. "
        "Prüfsumme seiner kanonischen Form (RFC 8785):",
        "The report as data (report.json) is too large for this PDF and is not attached. "
        "Digest of its canonical form (RFC 8785):",
    ),
    "instance-only": say(
        "Geprüft wurde die Instanz unter der genannten Adresse zur genannten Zeit, nicht das Produkt als solches.",
        "What was tested is the instance at the address and time given, not the product as such.",
    ),
    "attached-report": say("Der Prüfbericht als JSON, RFC 8785", "The report as JSON, RFC 8785"),
    "attached-attestation": say("Die Bescheinigung als JSON, RFC 8785", "The attestation as JSON, RFC 8785"),
    "keywords": say("Konformität, Prüfbericht", "conformance, test report"),
    # attestation
    "attestation": say("Bescheinigung", "Attestation"),
    "declaration": say("Herstellererklärung", "Vendor's declaration"),
    "acceptance-note": say("Abnahmevermerk", "Acceptance note"),
    "certificate": say("Zertifikat", "Certificate"),
    "test-key": say(
        "TESTSCHLÜSSEL: Diese Bescheinigung ist zum Ausprobieren versiegelt und rechtlich ohne Wert.",
        "TEST KEY: this attestation was sealed for trying out and has no legal value.",
    ),
    "declared-by": say(
        "{issuer} legt dieses Ergebnis als {kind} vor; gültig vom {start} bis {end}.",
        "{issuer} presents this result as {kind}; valid from {start} to {end}.",
    ),
    "as-declaration": say("Erklärung des Herstellers", "declaration of the vendor"),
    "as-acceptance-note": say("Abnahmevermerk der Auftraggeberin", "acceptance note of the buyer"),
    "as-certificate": say("Zertifikat einer akkreditierten Stelle", "certificate of an accredited body"),
    "attestation-table": say("Angaben der Bescheinigung", "Facts of the attestation"),
    "issuer": say("Ausgestellt von", "Issued by"),
    "role": say("Rolle", "Role"),
    "role-vendor": say("Hersteller oder Betreiber", "Vendor or operator"),
    "role-buyer": say("Auftraggeberin", "Buyer"),
    "role-third-party": say("Unabhängige Stelle", "Independent body"),
    "accreditation": say("Akkreditierung", "Accreditation"),
    "accredited": say(
        "{number} ({body}): {scope}; gültig bis {until}", "{number} ({body}): {scope}; valid until {until}"
    ),
    "not-accredited": say("keine angegeben", "none stated"),
    "attestation-id": say("Kennung", "Id"),
    "issued": say("Ausgestellt am", "Issued on"),
    "valid-from": say("Gültig ab", "Valid from"),
    "valid-until": say("Gültig bis", "Valid until"),
    "replaces": say("Ersetzt", "Replaces"),
    "municipality": say("Land und Gemeindeschlüssel", "State and municipality key"),
    "tenant": say("Mandant", "Tenant"),
    "procedure": say("Vergabeverfahren", "Award procedure"),
    "procedure-running": say("{id} (läuft)", "{id} (running)"),
    "procedure-closed": say("{id} (abgeschlossen)", "{id} (closed)"),
    "public": say("Veröffentlichung", "Publication"),
    "public-yes": say("darf veröffentlicht werden", "may be published"),
    "public-no": say("nicht zur Veröffentlichung bestimmt", "not meant for publication"),
    "report-digest": say("Prüfsumme des Berichts", "Digest of the report"),
    "manifest-digest": say("Prüfsumme des Manifests", "Digest of the manifest"),
    "seal-check": say(
        "Das Siegel ist unsichtbar in diese Datei eingebettet (PAdES). Jedes PDF-Programm mit Signaturprüfung zeigt "
        "es an; „conformance verify“ prüft Siegel, Prüfsummen, Gültigkeit und Widerruf und rechnet alles nach.",
        "The seal is embedded in this file invisibly (PAdES). Any PDF program that checks signatures shows it; "
        "`conformance verify` checks seal, digests, validity and withdrawal and recomputes the outcomes.",
    ),
}
