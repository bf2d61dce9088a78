"""The test protocol for an award file: a report joined with what only the tester knows.

Fourteen contents make a protocol survive a review (``exit-and-procurement`` notes, B3; § 8 VgV). Each is here with
all its fields: recorded by the suite, provided by the tester, or visibly missing. Of other bidders nothing appears
but pseudonym and plan (§ 5 VgV).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from typing import Any

import rfc8785
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.model import Language, Text, literal, say
from conformance.report import texts
from conformance.report.harmless import harmless_report
from conformance.report.view import rows

FORMAT = "conformance-protocol/1"
REMARK_LIMIT = 20_000
Value = str | Text | list[str] | list[Text] | list[str | Text] | None
Details = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One run: its report, its manifest and the digest of the manifest file."""

    report: dict[str, Any] = field(repr=False)
    manifest: dict[str, Any] = field(repr=False)
    manifest_digest: str

    @cached_property
    def report_digest(self) -> str:
        """SHA-256 over the RFC 8785 form of the report."""
        return "sha256:" + sha256(rfc8785.dumps(self.report)).hexdigest()


def build_protocol(
    run: Part,
    details: Details,
    *,
    repetitions: Sequence[Part] = (),
    others: Sequence[tuple[str, Part]] = (),
    replay: bool | None = None,
) -> dict[str, Any]:
    """The protocol of one run as JSON data.

    ``details`` is what the tester provided (held against its schema, remarks attached), ``repetitions`` further
    runs of the same bid, ``others`` (pseudonym, run) of other bids, ``replay`` whether recomputing the verdicts
    from the evidence gave the same (None: not tried).
    """
    contents = {
        "procedure": _procedure(run, details),
        "publication": _publication(details),
        "people": _people(details),
        "tools": _tools(run, details),
        "time": _time(run, details, repetitions, others),
        "results": _results(run, details, repetitions),
        "evidence": _evidence(run, details),
        "disturbances": _disturbances(run, details),
        "not_tested": _not_tested(run),
        "hearing": _hearing(details),
        "test_data": _test_data(run, details),
        "independence": {"fields": {"statement": _given(details, "independence")}, "tables": []},
        "reproduction": _reproduction(replay),
        "integrity": _integrity(run, details),
    }
    document = {
        "format": FORMAT,
        "suite": run.report["suite"],
        "report": run.report_digest,
        "contents": {
            key: {"number": number, "title": TITLES[key].to_json(), **content}
            for number, (key, content) in enumerate(contents.items(), 1)
        },
    }
    return document | {"complete": not missing(document)}


def missing(document: Mapping[str, Any]) -> tuple[str, ...]:
    """``content.field`` of everything that nobody provided."""
    return tuple(
        f"{key}.{name}"
        for key, content in document["contents"].items()
        for name, each in content["fields"].items()
        if each["state"] == "missing"
    )


def attached(name: str, data: bytes) -> dict[str, str]:
    """A remark of the bidder: file name, SHA-256 and, if it is text, the text itself."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    text = "" if "\x00" in text else text
    return {"file": name, "digest": "sha256:" + sha256(data).hexdigest(), "text": text[:REMARK_LIMIT]}


def render_protocol(document: Mapping[str, Any], lang: Language) -> str:
    """The protocol as one self-contained page in one language."""
    safe = harmless_report(dict(document))
    return (
        _environment()
        .get_template("protocol.html.j2")
        .render(
            lang=lang,
            protocol=safe,
            missing=len(missing(document)),
            say=lambda key: _WORDS[key].in_language(lang),
            told=lambda value: value if isinstance(value, str) else value[lang],
            style=Markup(_style()),  # noqa: S704 - our own file
        )
    )


def _procedure(run: Part, details: Details) -> dict[str, Any]:
    subject = run.report["subject"]
    fields = {
        "procedure_id": _given(details, "procedure", "id"),
        "lot": _given(details, "procedure", "lot"),
        "bidder": _given(details, "procedure", "bidder"),
        "product": _either(subject["product"], details, "procedure", "product"),
        "product_version": _either(subject["product_version"], details, "procedure", "product_version"),
        "url": _known("url", subject["url"]),
        "tenant": _given(details, "procedure", "tenant"),
        "deviations": _given(details, "procedure", "deviations"),
        "offered": _given(details, "procedure", "offered"),
    }
    return {"fields": fields, "tables": []}


def _publication(details: Details) -> dict[str, Any]:
    names = ("matrix", "matrix_published", "concept", "concept_published")
    return {"fields": {name: _given(details, "publication", name) for name in names}, "tables": []}


def _people(details: Details) -> dict[str, Any]:
    people = details.get("people", {})
    run_by, reviewed_by = people.get("run_by", "").strip(), people.get("reviewed_by", "").strip()
    eyes: Text | None = None
    if run_by and reviewed_by:
        eyes = _FOUR_EYES if run_by.casefold() != reviewed_by.casefold() else _TWO_EYES
    fields = {n: _given(details, "people", n) for n in ("ordered_by", "run_by", "reviewed_by", "conflicts")}
    return {"fields": fields | {"four_eyes": _known("four_eyes", eyes)}, "tables": []}


def _tools(run: Part, details: Details) -> dict[str, Any]:
    report, manifest = run.report, run.manifest
    engines = [f"{name} {version}" for name, version in sorted(manifest.get("engines", {}).items())]
    environment = [f"Python {manifest['python']}", *engines] if manifest.get("python") else engines
    bundle = manifest.get("subject", {}).get("ca_file", "")
    fields = {
        "suite": _known("suite", f"{report['suite']['name']} {report['suite']['version']}"),
        "profile": _known("profile", f"{report['profile']['name']} ({report['profile']['document']})"),
        "profile_digest": _known("profile_digest", report["profile"]["digest"]),
        "commit": _given(details, "tools", "commit"),
        "lock": _given(details, "tools", "lock"),
        "environment": _known("environment", environment),
        "tzdata": _given(details, "tools", "tzdata"),
        "ca_bundle": _either(bundle, details, "tools", "ca_bundle"),
        "clock_offset": _either(_clock(report), details, "tools", "clock_offset"),
        "known_issues": _given(details, "tools", "known_issues"),
    }
    return {"fields": fields, "tables": []}


def _time(
    run: Part, details: Details, repetitions: Sequence[Part], others: Sequence[tuple[str, Part]]
) -> dict[str, Any]:
    facts = run.report["run"]
    runs = [("", part) for part in (run, *repetitions)] + list(others)
    fields = {
        "started": _known("started", facts["started"]),
        "finished": _known("finished", facts["finished"]),
        "zone": _known("zone", "UTC"),
        "network": _given(details, "time", "network"),
        "window": _given(details, "time", "window"),
        "plan": _known("plan", facts["plan"]),
        "same_plan": _known("same_plan", _same_plan([part for _, part in runs]) if len(runs) > 1 else None),
    }
    table = _table("t-plans", ("bid", "profile", "plan", "rules", "suite", "started", "finished"))
    table["rows"] = [_plan_row(who, part) for who, part in runs]
    return {"fields": fields, "tables": [table]}


def _plan_row(who: str, part: Part) -> list[Any]:
    report = part.report
    return [
        who or _json(_THIS),
        report["profile"]["name"],
        report["run"]["plan"],
        report["profile"]["digest"],
        report["suite"]["version"],
        report["run"]["started"],
        report["run"]["finished"],
    ]


def _same_plan(parts: Sequence[Part]) -> Text:
    """Whether plan, rules, software and limits of all runs are equal, and if not, what differs."""
    aspects = (
        (say("Plan", "plan"), lambda p: p.report["run"]["plan"]),
        (say("Regeln", "rules"), lambda p: p.report["profile"]["digest"]),
        (say("Version", "version"), lambda p: p.report["suite"]["version"]),
        (say("Grenzen", "limits"), lambda p: sorted(p.report["run"]["limits"].items())),
        (say("Bibliotheken", "libraries"), lambda p: sorted(p.manifest.get("engines", {}).items())),
    )
    differing = [told for told, of in aspects if any(of(part) != of(parts[0]) for part in parts)]
    if not differing:
        return say("Alle {n} Läufe sind darin gleich.", "All {n} runs are equal in this.", n=len(parts))
    which = Text(", ".join(t.de for t in differing), ", ".join(t.en for t in differing))
    return say("UNGLEICH: {w}", "NOT EQUAL: {w}", w=which)


def _results(run: Part, details: Details, repetitions: Sequence[Part]) -> dict[str, Any]:
    again = [{v["requirement"]: v["outcome"] for v in part.report["verdicts"]} for part in repetitions]
    table = _table(
        "t-results", ("requirement", "clause", "text", "expected", "observed", "verdict", "evidence", "again")
    )
    table["rows"] = [_result_row(row.id, row.requirement, row.verdict, again) for row in rows(run.report)]
    overrides = _table("t-overrides", ("requirement", "decided", "who", "date", "reason", "signature"))
    keys = ("requirement", "outcome", "name", "date", "reason", "signature")
    overrides["rows"] = [[each[key] for key in keys] for each in details.get("overrides", ())]
    count = say("{n} Anforderungen", "{n} requirements", n=len(table["rows"]))
    return {"fields": {"requirements": _known("requirements", count)}, "tables": [table, overrides]}


def _result_row(
    name: str,
    requirement: Mapping[str, Any],
    verdict: Mapping[str, Any] | None,
    again: Sequence[Mapping[str, str]],
) -> list[Any]:
    found = (verdict or {}).get("findings", [])
    first = found[0] if found else None
    outcome = verdict["outcome"] if verdict else "untested"
    observed = first["got"] if first else ((verdict or {}).get("reason") or _json(literal("–")))
    return [
        name,
        f"{requirement['source']['clause']} {requirement['official']['official']}",
        requirement["title"],
        first["expected"] if first else requirement["title"],
        observed,
        texts.TEXTS[outcome].to_json(),
        ", ".join((verdict or {}).get("evidence", [])) or "–",
        _json(_again(name, again)),
    ]


def _again(name: str, again: Sequence[Mapping[str, str]]) -> Text:
    words = [texts.TEXTS[each.get(name, "untested")] for each in again]
    if not words:
        return say("nicht wiederholt", "not repeated")
    return Text(", ".join(word.de for word in words), ", ".join(word.en for word in words))


def _evidence(run: Part, details: Details) -> dict[str, Any]:
    subject, files = run.manifest.get("subject", {}), run.manifest.get("files", {})
    hidden = [
        *subject.get("redact_headers", ()),
        *(c.get("name", "") for c in subject.get("credentials", ())),
    ]
    log = [
        say("Zugangsdaten und geheime Kopfzeilen entfernt", "Credentials and secret headers removed"),
        *hidden,
    ]
    provided = details.get("evidence", {}).get("redaction", "")
    archive = [f"{name} {digest}" for name, digest in sorted(files.items()) if name.endswith(".warc.gz")]
    fields = {
        "requests": _known("requests", str(run.report["run"]["requests"])),
        "evidence_file": _known("evidence_file", archive),
        "redaction": _known(
            "redaction", [*(each for each in log if each), *([provided] if provided else [])]
        ),
    }
    return {"fields": fields, "tables": []}


def _disturbances(run: Part, details: Details) -> dict[str, Any]:
    table = _table("t-disturbances", ("what", "when", "owner", "repeated", "reason"))
    table["rows"] = [*_failures(run.report), *(_told(each) for each in details.get("disturbances", ()))]
    count = say("{n} festgehalten", "{n} on record", n=len(table["rows"]))
    return {"fields": {"failures": _known("failures", count)}, "tables": [table]}


def _failures(report: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Failed exchanges and the causes that kept requirements from being tested."""
    for exchange in report["exchanges"].values():
        if exchange["failure"]:
            owner = texts.TEXTS[f"owner-{exchange['failure']['owner']}"].to_json()
            yield [exchange["failure"]["text"], exchange["sent"], owner, "–", exchange["url"]]
    for cause in report["root_causes"]:
        owner = texts.TEXTS[f"owner-{cause['owner']}"].to_json()
        yield [cause["text"], "–", owner, "–", ", ".join(cause["requirements"])]


def _told(each: Mapping[str, Any]) -> list[Any]:
    repeated = _json(_WORDS["yes" if each.get("repeated") else "no"])
    owner = _json(_WORDS[f"owner-{each['owner']}"])
    return [each["what"], each.get("when") or "–", owner, repeated, each.get("reason") or "–"]


def _not_tested(run: Part) -> dict[str, Any]:
    found = rows(run.report)
    skipped = [row for row in found if row.state in ("untested", "cantTell", "inapplicable", "excluded")]
    table = _table("t-not-tested", ("requirement", "text", "verdict", "reason"))
    for row in skipped:
        excluded, verdict = row.requirement["excluded"], row.verdict or {}
        reason = verdict.get("reason") or (excluded["why"] if excluded else _json(literal("–")))
        table["rows"].append([row.id, row.requirement["title"], texts.TEXTS[row.state].to_json(), reason])
    coverage = say(
        "{n} von {m} Anforderungen geprüft",
        "{n} of {m} requirements tested",
        n=len(found) - len(skipped),
        m=len(found),
    )
    return {"fields": {"coverage": _known("coverage", coverage)}, "tables": [table]}


def _hearing(details: Details) -> dict[str, Any]:
    hearing = details.get("hearing", {})
    table = _table("t-remarks", ("file", "received", "digest", "remark"))
    table["rows"] = [
        [
            each["file"],
            each.get("received") or "–",
            each.get("digest", "–"),
            each.get("text") or _json(_AS_FILE),
        ]
        for each in hearing.get("remarks", ())
    ]
    days = str(hearing["days"]) if "days" in hearing else ""
    fields = {
        "sent": _given(details, "hearing", "sent"),
        "days": _field("days", days, "provided"),
        "effect": _given(details, "hearing", "effect"),
    }
    return {"fields": fields, "tables": [table]}


def _test_data(run: Part, details: Details) -> dict[str, Any]:
    fields = {
        "seed": _known("seed", str(run.report["run"]["seed"])),
        "sample": _known("sample", [Text.from_json(each["text"]) for each in run.report["sample"]]),
        "description": _given(details, "test_data", "description"),
        "seeds": _given(details, "test_data", "seeds"),
    }
    return {"fields": fields, "tables": []}


def _reproduction(replay: bool | None) -> dict[str, Any]:
    told = {True: _REPLAYED, False: _NOT_REPLAYED, None: None}[replay]
    fields = {"command": _known("command", "conformance verify RUN"), "replay": _known("replay", told)}
    return {"fields": fields, "tables": []}


def _integrity(run: Part, details: Details) -> dict[str, Any]:
    files = [f"{name} {digest}" for name, digest in sorted(run.manifest.get("files", {}).items())]
    fields = {
        "report_digest": _known("report_digest", run.report_digest),
        "manifest_digest": _known("manifest_digest", run.manifest_digest),
        "files": _known("files", files),
        "previous_report": _given(details, "integrity", "previous_report"),
        "seal": _given(details, "integrity", "seal"),
        "timestamp": _given(details, "integrity", "timestamp"),
    }
    return {"fields": fields, "tables": []}


def _clock(report: Mapping[str, Any]) -> Text | None:
    """Spread between the server's Date header and our clock, from the exchanges in the report."""
    offsets = [o for e in report["exchanges"].values() if (o := _offset(e)) is not None]
    if not offsets:
        return None
    return say(
        "Uhr der Plattform minus Uhr des Prüfrechners: {a} bis {b} s ({n} Antworten)",
        "Clock of the platform minus clock of the tester: {a} to {b} s ({n} answers)",
        a=round(min(offsets)),
        b=round(max(offsets)),
        n=len(offsets),
    )


def _offset(exchange: Mapping[str, Any]) -> float | None:
    for name, value in exchange["response_headers"]:
        if name.lower() == "date":
            try:
                there = parsedate_to_datetime(value).replace(tzinfo=UTC)
                return (there - datetime.fromisoformat(exchange["sent"])).total_seconds()
            except (ValueError, TypeError, OverflowError):
                return None
    return None


def _given(details: Details, *path: str) -> dict[str, Any]:
    """A field only the tester can fill."""
    value: Any = details
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    name = {"id": "procedure_id", "independence": "statement"}.get(path[-1], path[-1])
    return _field(name, value, "provided")


def _known(name: str, value: Value) -> dict[str, Any]:
    return _field(name, value, "recorded")


def _either(value: Value, details: Details, *path: str) -> dict[str, Any]:
    """What the run recorded, otherwise what the tester says."""
    return _known(path[-1], value) if value else _given(details, *path)


def _field(name: str, value: Any, state: str) -> dict[str, Any]:
    value = value.strip() if isinstance(value, str) else value
    shown = [_plain(each) for each in value] if isinstance(value, list) else _plain(value)
    return {
        "label": LABELS[name].to_json(),
        "state": state if value else "missing",
        "value": shown if value else None,
    }


def _plain(value: Any) -> Any:
    return value.to_json() if isinstance(value, Text) else value


def _json(text: Text) -> dict[str, str]:
    return text.to_json()


def _table(title: str, columns: Sequence[str]) -> dict[str, Any]:
    return {
        "title": _WORDS[title].to_json(),
        "columns": [_WORDS[f"c-{each}"].to_json() for each in columns],
        "rows": [],
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return resources.files("conformance.report").joinpath("style.css").read_text(encoding="utf-8")


TITLES: dict[str, Text] = {
    "procedure": say("Verfahren und Prüfgegenstand", "Procedure and subject"),
    "publication": say("Bekannt gemachte Matrix und Prüfkonzept", "Published matrix and test concept"),
    "people": say("Beteiligte", "People"),
    "tools": say("Werkzeuge und Umgebung", "Tools and environment"),
    "time": say("Zeit, Netz und gleicher Plan", "Time, network and same plan"),
    "results": say("Ergebnisse je Anforderung", "Results per requirement"),
    "evidence": say("Anfragen und Antworten", "Requests and responses"),
    "disturbances": say("Fehlversuche und Störungen", "Failed attempts and disturbances"),
    "not_tested": say("Nicht geprüft", "Not tested"),
    "hearing": say("Anhörung des Bieters", "Hearing of the bidder"),
    "test_data": say("Prüfdaten und Startwerte", "Test data and seeds"),
    "independence": say("Unabhängigkeit", "Independence"),
    "reproduction": say("Nachrechnen", "Reproduction"),
    "integrity": say("Unverändertheit", "Integrity"),
}
LABELS: dict[str, Text] = {
    "procedure_id": say("Vergabeverfahren", "Award procedure"),
    "lot": say("Los", "Lot"),
    "bidder": say("Bieter (Deckname)", "Bidder (pseudonym)"),
    "product": say("Produkt", "Product"),
    "product_version": say("Genaue Version", "Exact version"),
    "url": say("Adresse der geprüften Instanz", "Address of the instance tested"),
    "tenant": say("Mandant", "Tenant"),
    "deviations": say("Vom Bieter erklärte Abweichungen", "Deviations declared by the bidder"),
    "offered": say("Geprüft ist das Angebotene", "What was offered is what was tested"),
    "matrix": say("Prüfsumme der Matrix", "Digest of the matrix"),
    "matrix_published": say("Matrix bekannt gemacht", "Matrix published"),
    "concept": say("Prüfsumme des Prüfkonzepts", "Digest of the test concept"),
    "concept_published": say("Prüfkonzept bekannt gemacht", "Test concept published"),
    "ordered_by": say("Beauftragt von", "Ordered by"),
    "run_by": say("Durchgeführt von", "Run by"),
    "reviewed_by": say("Geprüft von", "Reviewed by"),
    "conflicts": say("Interessenkonflikte", "Conflicts of interest"),
    "four_eyes": say("Vier Augen", "Four eyes"),
    "suite": say("Prüfprogramm", "Test program"),
    "profile": say("Profil", "Profile"),
    "profile_digest": say("Prüfsumme des Profils", "Digest of the profile"),
    "commit": say("Stand des Quelltextes", "Source commit"),
    "lock": say("Prüfsumme der Abhängigkeiten", "Digest of the dependency lock"),
    "environment": say("Laufzeitumgebung", "Environment"),
    "tzdata": say("Zeitzonendaten", "Time zone database"),
    "ca_bundle": say("Wurzelzertifikate", "CA bundle"),
    "clock_offset": say("Abweichung der Uhren", "Clock offset"),
    "known_issues": say("Bekannte Fehler (Stand)", "Known issues (version)"),
    "started": say("Beginn", "Start"),
    "finished": say("Ende", "End"),
    "zone": say("Zeitzone", "Time zone"),
    "network": say("Netz, aus dem geprüft wurde", "Network origin"),
    "window": say("Zeitfenster für alle Bieter", "Time window for all bidders"),
    "plan": say("Prüfsumme des Plans", "Digest of the plan"),
    "same_plan": say("Nachweis gleicher Prüfung", "Proof of equal tests"),
    "requirements": say("Umfang", "Extent"),
    "requests": say("Anfragen", "Requests"),
    "evidence_file": say("Aufzeichnung", "Recording"),
    "redaction": say("Entfernte Angaben", "Redaction log"),
    "failures": say("Fehlversuche, Ausfälle, Wiederholungen", "Failed attempts, outages, repetitions"),
    "coverage": say("Abdeckung", "Coverage"),
    "sent": say("Befunde übermittelt", "Findings sent"),
    "days": say("Tage zur Stellungnahme", "Days for remarks"),
    "effect": say("Folge der Stellungnahme", "Effect of the remarks"),
    "seed": say("Startwert der Stichprobe", "Seed of the sample"),
    "sample": say("Stichprobe", "Sample"),
    "description": say("Prüfdaten", "Test data"),
    "seeds": say("Weitere Startwerte", "Further seeds"),
    "statement": say("Daten anderer Bieter nicht einsehbar", "Data of other bidders not visible"),
    "command": say("Befehl", "Command"),
    "replay": say("Ohne Netz nachgerechnet", "Recomputed offline"),
    "report_digest": say("Prüfsumme des Berichts", "Digest of the report"),
    "manifest_digest": say("Prüfsumme des Verzeichnisses", "Digest of the manifest"),
    "files": say("Dateien", "Files"),
    "previous_report": say("Prüfsumme des vorigen Berichts", "Digest of the previous report"),
    "seal": say("Siegel", "Seal"),
    "timestamp": say("Zeitstempel", "Time stamp"),
}
_WORDS: dict[str, Text] = {
    "protocol": say("Prüfprotokoll", "Test protocol"),
    "skip": say("Zum Inhalt springen", "Skip to content"),
    "contents": say("Inhalt", "Contents"),
    "missing": say("vom Prüfer nicht angegeben", "not provided by the tester"),
    "provided": say("Angabe des Prüfers", "stated by the tester"),
    "none": say("keine Einträge", "no entries"),
    "incomplete": say("Angaben fehlen:", "Details are missing:"),
    "complete": say("Alle vierzehn Pflichtinhalte sind ausgefüllt.", "All fourteen contents are filled in."),
    "made-by": say("Erstellt mit", "Made with"),
    "yes": say("ja", "yes"),
    "no": say("nein", "no"),
    "owner-bidder": say("Bieter", "Bidder"),
    "owner-network": say("Netz", "Network"),
    "owner-tool": say("Prüfprogramm", "Test program"),
    "t-plans": say("Läufe und ihre Pläne", "Runs and their plans"),
    "t-results": say("Ergebnisse", "Results"),
    "t-overrides": say(
        "Unterschriebene Abweichungen vom Messergebnis", "Signed deviations from the measurement"
    ),
    "t-disturbances": say("Störungen", "Disturbances"),
    "t-not-tested": say(
        "Was nicht geprüft oder nicht entschieden wurde", "What was not tested or not decided"
    ),
    "t-remarks": say("Stellungnahmen", "Remarks"),
    "c-bid": say("Angebot", "Bid"),
    "c-profile": say("Profil", "Profile"),
    "c-plan": say("Plan", "Plan"),
    "c-rules": say("Regeln", "Rules"),
    "c-suite": say("Version", "Version"),
    "c-started": say("Beginn", "Start"),
    "c-finished": say("Ende", "End"),
    "c-requirement": say("Anforderung", "Requirement"),
    "c-clause": say("Fundstelle", "Clause"),
    "c-text": say("Wortlaut", "Text"),
    "c-expected": say("Erwartet", "Expected"),
    "c-observed": say("Beobachtet", "Observed"),
    "c-verdict": say("Ergebnis", "Verdict"),
    "c-evidence": say("Belege", "Evidence"),
    "c-again": say("Wiederholungen", "Repetitions"),
    "c-decided": say("Entschieden", "Decided"),
    "c-who": say("Wer", "Who"),
    "c-date": say("Datum", "Date"),
    "c-reason": say("Grund", "Reason"),
    "c-signature": say("Unterschrift", "Signature"),
    "c-what": say("Was", "What"),
    "c-when": say("Wann", "When"),
    "c-owner": say("Verantwortlich", "Responsible"),
    "c-repeated": say("Wiederholt", "Repeated"),
    "c-file": say("Datei", "File"),
    "c-received": say("Eingegangen", "Received"),
    "c-digest": say("Prüfsumme", "Digest"),
    "c-remark": say("Text", "Text"),
}
_THIS = say("dieses Angebot", "this bid")
_AS_FILE = say("liegt als Datei bei", "attached as a file")
_FOUR_EYES = say("gewahrt: zwei verschiedene Personen", "kept: two different persons")
_TWO_EYES = say("NICHT gewahrt: dieselbe Person", "NOT kept: the same person")
_REPLAYED = say("gleiche Ergebnisse aus den Aufzeichnungen", "same verdicts from the recordings")
_NOT_REPLAYED = say("ABWEICHENDE Ergebnisse aus den Aufzeichnungen", "DIFFERENT verdicts from the recordings")
