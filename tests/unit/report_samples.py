"""Realistic reports for tests: conforming, not conforming, undetermined by the network, hostile."""

from __future__ import annotations

from copy import deepcopy
from hashlib import sha256
from typing import Any

Report = dict[str, Any]

BASE = "https://geo.musterstadt.example/api"
SPEC = "https://docs.ogc.org/is/17-069r4/17-069r4.html"
CLASSES = {
    "core": ("Kern", "Core", "always"),
    "geojson": ("GeoJSON", "GeoJSON", "claimed"),
    "oas30": ("OpenAPI 3.0", "OpenAPI 3.0", "claimed"),
    "html": ("HTML", "HTML", "claimed"),
}
THEMES = {
    "links": (
        "Links fehlen oder sind unvollständig",
        "Links are missing or incomplete",
        "In jede Antwort die verlangten Links mit `rel`, `type` und `href` aufnehmen.",
        "Put the required links with `rel`, `type` and `href` into every response.",
    ),
    "paging": (
        "Blättern verliert oder verdoppelt Objekte",
        "Paging loses or repeats features",
        "Die Reihenfolge der Objekte festlegen (z. B. nach `id`) und `next` nur setzen, wenn noch etwas folgt.",
        "Give the features a fixed order (for example by `id`) and set `next` only if something follows.",
    ),
    "parameters": (
        "Falsche Parameter werden hingenommen",
        "Wrong parameters are accepted",
        "Unbekannte und ungültige Abfrageparameter mit dem Status 400 beantworten.",
        "Answer unknown and invalid query parameters with status 400.",
    ),
    "format": (
        "Inhalt entspricht nicht dem Format",
        "Content does not match the format",
        "Die Antworten mit dem Schema des Standards prüfen, bevor sie ausgeliefert werden.",
        "Check the responses against the schema of the standard before serving them.",
    ),
}
# id, class, level, theme, clause, clause title, official, German, English
REQUIREMENTS = [
    (
        "landing-page.available",
        "core",
        "MUST",
        "links",
        "7.2.1",
        "Operation",
        "/req/core/root-op",
        "Startseite ist abrufbar",
        "Landing page can be retrieved",
    ),
    (
        "landing-page.links",
        "core",
        "MUST",
        "links",
        "7.2.2",
        "Response",
        "/req/core/root-success",
        "Startseite verlinkt API-Beschreibung, Konformitätsangaben und Sammlungen",
        "Landing page links API definition, conformance declaration and collections",
    ),
    (
        "conformance-page.available",
        "core",
        "MUST",
        "links",
        "7.4",
        "Declaration of conformance classes",
        "/req/core/conformance-op",
        "Konformitätsangaben sind abrufbar",
        "Conformance declaration can be retrieved",
    ),
    (
        "collections.links",
        "core",
        "MUST",
        "links",
        "7.13.2",
        "Response",
        "/req/core/fc-md-links",
        "Verzeichnis der Sammlungen verlinkt sich selbst und andere Formate",
        "List of collections links itself and other formats",
    ),
    (
        "items.limit-honoured",
        "core",
        "MUST",
        "paging",
        "7.15.2",
        "Parameter limit",
        "/req/core/fc-limit-response-1",
        "Nicht mehr Objekte als mit limit verlangt",
        "No more features than asked for with limit",
    ),
    (
        "items.paging-complete",
        "core",
        "MUST",
        "paging",
        "7.15.8",
        "Response",
        "/req/core/fc-links",
        "Blättern liefert jedes Objekt genau einmal",
        "Paging yields every feature exactly once",
    ),
    (
        "items.bbox-honoured",
        "core",
        "MUST",
        "parameters",
        "7.15.3",
        "Parameter bbox",
        "/req/core/fc-bbox-response",
        "Nur Objekte im verlangten Rechteck",
        "Only features in the bounding box",
    ),
    (
        "items.datetime-honoured",
        "core",
        "MUST",
        "parameters",
        "7.15.4",
        "Parameter datetime",
        "/req/core/fc-time-response",
        "Nur Objekte im verlangten Zeitraum",
        "Only features in the interval asked for",
    ),
    (
        "query.unknown-parameter",
        "core",
        "MUST",
        "parameters",
        "7.5.1",
        "Parameter rules",
        "/req/core/query-param-unknown",
        "Unbekannter Parameter wird mit 400 abgewiesen",
        "Unknown parameter is refused with 400",
    ),
    (
        "query.invalid-value",
        "core",
        "MUST",
        "parameters",
        "7.5.1",
        "Parameter rules",
        "/req/core/query-param-invalid",
        "Ungültiger Wert wird mit 400 abgewiesen",
        "Invalid value is refused with 400",
    ),
    (
        "transport.http-1-1",
        "core",
        "MUST",
        "links",
        "7.5",
        "HTTP 1.1",
        "/req/core/http",
        "Alle Antworten folgen HTTP/1.1",
        "All responses follow HTTP/1.1",
    ),
    (
        "items.number-matched-true",
        "core",
        "MUST",
        "paging",
        "7.15.8",
        "Response",
        "/req/core/fc-numberMatched",
        "numberMatched stimmt mit der Zahl der Treffer überein",
        "numberMatched equals the number of hits",
    ),
    (
        "feature.canonical-link",
        "core",
        "SHOULD",
        "links",
        "7.16.2",
        "Response",
        "/rec/core/f-links",
        "Objekt verlinkt seine Sammlung",
        "Feature links its collection",
    ),
    (
        "transport.cors",
        "core",
        "SHOULD",
        "links",
        "7.5.2",
        "Cross-origin requests",
        "/rec/core/cross-origin",
        "Abruf aus anderen Webseiten ist erlaubt (CORS)",
        "Retrieval from other web pages is allowed (CORS)",
    ),
    (
        "items.etag-present",
        "core",
        "SHOULD",
        "links",
        "7.6",
        "HTTP status codes",
        "/rec/core/etag",
        "Antworten tragen ein ETag",
        "Responses carry an ETag",
    ),
    (
        "items.property-filter",
        "core",
        "MAY",
        "parameters",
        "7.15.5",
        "Parameters for filtering",
        "/per/core/fc-filters",
        "Filter nach Eigenschaften",
        "Filter by property",
    ),
    (
        "geojson.valid",
        "geojson",
        "MUST",
        "format",
        "8.3",
        "Requirements class GeoJSON",
        "/req/geojson/content",
        "Objekte sind gültiges GeoJSON",
        "Features are valid GeoJSON",
    ),
    (
        "geojson.media-type",
        "geojson",
        "MUST",
        "format",
        "8.3",
        "Requirements class GeoJSON",
        "/req/geojson/definition",
        "Medientyp ist application/geo+json",
        "Media type is application/geo+json",
    ),
    (
        "geojson.crs84",
        "geojson",
        "MUST",
        "format",
        "8.3",
        "Requirements class GeoJSON",
        "/req/geojson/coordinates",
        "Koordinaten stehen in der Reihenfolge Länge, Breite",
        "Coordinates are in the order longitude, latitude",
    ),
    (
        "openapi.valid",
        "oas30",
        "MUST",
        "format",
        "9.2",
        "Basic requirements",
        "/req/oas30/oas-definition-2",
        "API-Beschreibung ist gültiges OpenAPI 3.0",
        "API definition is valid OpenAPI 3.0",
    ),
    (
        "openapi.complete",
        "oas30",
        "MUST",
        "format",
        "9.3",
        "Complete definition",
        "/req/oas30/completeness",
        "Jede Antwort der API ist beschrieben",
        "Every response of the API is described",
    ),
    (
        "openapi.security-described",
        "oas30",
        "MUST",
        "format",
        "9.5",
        "Security",
        "/req/oas30/security",
        "Zugriffsschutz ist beschrieben",
        "Access control is described",
    ),
    (
        "html.pages-valid",
        "html",
        "MUST",
        "format",
        "8.2",
        "Requirements class HTML",
        "/req/html/definition",
        "Jede Ressource hat eine HTML-Seite",
        "Every resource has an HTML page",
    ),
    (
        "html.links-present",
        "html",
        "SHOULD",
        "links",
        "8.2",
        "Requirements class HTML",
        "/rec/html/schema-org",
        "Seiten enthalten Links und Metadaten",
        "Pages contain links and metadata",
    ),
]


def text(de: str, en: str | None = None) -> dict[str, str]:
    return {"de": de, "en": de if en is None else en}


def digest(seed: str) -> str:
    return f"sha256:{sha256(seed.encode()).hexdigest()}"


def evidence_id(url: str) -> str:
    return f"x-{sha256(url.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def exchange(url: str, body: str = "", status: int | None = 200, **changes: Any) -> dict[str, Any]:
    made = {
        "method": "GET",
        "url": url,
        "headers": [
            ["Accept", "application/geo+json"],
            ["User-Agent", "Pruefstand/0.1.0 (+https://example.org)"],
        ],
        "status": status,
        "reason": {200: "OK", 400: "Bad Request", 503: "Service Unavailable"}.get(status or 0),
        "response_headers": [["Content-Type", "application/geo+json"], ["Server", "nginx"]] if status else [],
        "bytes": len(body.encode("utf-8", "replace")),
        "sent": "2026-11-21T13:02:07Z",
        "seconds": 0.183,
        "failure": None,
        "excerpt": body[:2000],
    }
    return made | changes


def requirement(row: tuple[str, ...]) -> dict[str, Any]:
    _, klass, level, theme, clause, clause_title, official, de, en = row
    return {
        "level": level,
        "class": klass,
        "official": {"standard": "OGC API - Features", "version": "1.0.1", "official": official, "part": "A"},
        "source": {
            "clause": clause,
            "title": clause_title,
            "url": f"{SPEC}#{official.replace('/', '_')[1:]}",
        },
        "title": text(de, en),
        "explanation": text(
            f"{de}. Ohne das müsste jede Fachanwendung eigens für diese Plattform angepasst werden.",
            f"{en}. Without it every client would need to be adapted to this one platform.",
        ),
        "fix": text(THEMES[theme][2], THEMES[theme][3]),
        "theme": theme,
        "since": "1.0.1",
        "binding": "python",
        "excluded": None,
        "interpretation": None,
    }


def verdict(name: str, outcome: str = "passed", **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "requirement": name,
        "outcome": outcome,
        "looks": 12 if outcome in ("passed", "failed") else 0,
        "findings": [],
        "findings_total": 0,
        "owner": None,
        "reason": None,
        "cause": None,
        "evidence": [],
    }
    return made | changes


def finding(expected: dict[str, str], got: dict[str, str], url: str, pointer: str = "") -> dict[str, Any]:
    headers = [["Accept", "application/geo+json"]]
    return {
        "expected": expected,
        "got": got,
        "evidence": evidence_id(url),
        "pointer": pointer,
        "request": {"method": "GET", "url": url, "headers": headers},
    }


def conforming() -> Report:
    requirements = {f"ogcapi-features.{row[0]}": requirement(row) for row in REQUIREMENTS}
    requirements["ogcapi-features.items.number-matched-true"]["interpretation"] = text(
        "Fehlt `numberMatched`, ist die Anforderung nicht anwendbar.",
        "If `numberMatched` is absent, the requirement is inapplicable.",
    )
    _exclude(
        requirements,
        "ogcapi-features.openapi.security-described",
        "needs-human",
        "Ob der beschriebene Schutz zum Betrieb passt, weiß nur der Betreiber.",
        "Only the operator knows whether the described protection matches operation.",
    )
    _exclude(
        requirements,
        "ogcapi-features.transport.http-1-1",
        "untestable",
        "Die Aussage umfasst jede denkbare Antwort.",
        "The statement covers every conceivable response.",
    )
    url = f"{BASE}/"
    body = '{"title": "Geoportal Musterstadt", "links": [{"rel": "service-desc", "href": "/api/openapi"}]}'
    verdicts = [
        verdict(name, evidence=[evidence_id(url)])
        for name, each in requirements.items()
        if not each["excluded"]
    ]
    report = {
        "format": "conformance-report/1",
        "suite": {"name": "Prüfstand", "version": "0.1.0"},
        "profile": {
            "name": "ogcapi-features/1.0.1",
            "standard": "ogcapi-features",
            "version": "1.0.1",
            "title": text("OGC API – Features 1.0.1"),
            "document": "OGC 17-069r4",
            "url": SPEC,
            "digest": digest("profile"),
        },
        "subject": {
            "name": "Geoportal Musterstadt",
            "url": BASE,
            "operator": "Stadt Musterstadt, Amt für Geoinformation",
            "product": "ldproxy",
            "product_version": "4.3.1",
        },
        "run": {
            "started": "2026-11-21T13:02:05Z",
            "finished": "2026-11-21T13:03:41Z",
            "complete": True,
            "requests": 187,
            "seed": 1,
            "plan": digest("plan"),
            "limits": {"rate": 5.0, "concurrency": 4, "budget": 500, "body_bytes": 20_000_000},
        },
        "decision": {"decision": "conforming", "reason": text(""), "classes": []},
        "to_fix": [],
        "root_causes": [],
        "claims": [
            {
                "uri": f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}",
                "class": name,
                "state": "confirmed",
                "reason": text("Jede geprüfte MUSS-Anforderung ist erfüllt.", "Every MUST tested is passed."),
            }
            for name in ("core", "geojson", "oas30")
        ],
        "sample": [
            {
                "text": text(
                    "3 von 14 Sammlungen, zufällig gewählt (Startwert 1).",
                    "3 of 14 collections, chosen at random (seed 1).",
                )
            },
            {"text": text("250 von 18.402 Objekten.", "250 of 18,402 features.")},
        ],
        "requirements": requirements,
        "verdicts": verdicts,
        "exchanges": {evidence_id(url): exchange(url, body)},
        "footer": {"verdicts": len(verdicts), "complete": True},
    }
    for row in REQUIREMENTS:
        if row[1] == "html":
            set_verdict(
                report,
                f"ogcapi-features.{row[0]}",
                "inapplicable",
                reason=text("Die Klasse HTML ist nicht beansprucht.", "The class HTML is not claimed."),
            )
    return decide(report)


def not_conforming() -> Report:
    report = conforming()
    paging = f"{BASE}/collections/baeume/items?limit=10&offset=20"
    unknown = f"{BASE}/collections/baeume/items?gibt-es-nicht=1"
    landing = f"{BASE}/"
    body = (
        '{"type": "FeatureCollection", "numberReturned": 25, "features": ['
        + ", ".join(
            f'{{"type": "Feature", "id": "baum-{n}", "geometry": {{"type": "Point", "coordinates": [9.{n}, 53.{n}]}}}}'
            for n in range(25)
        )
        + "]}"
    )
    report["exchanges"][evidence_id(paging)] = exchange(paging, body)
    report["exchanges"][evidence_id(unknown)] = exchange(unknown, body)
    set_verdict(
        report,
        "ogcapi-features.items.limit-honoured",
        "failed",
        findings_total=37,
        findings=[
            finding(
                text("höchstens 10 Objekte", "at most 10 features"),
                text("25 Objekte", "25 features"),
                paging,
                "/features",
            ),
            *(
                finding(
                    text(f"höchstens {n} Objekte", f"at most {n} features"),
                    text("25 Objekte", "25 features"),
                    paging,
                    "/features",
                )
                for n in (1, 2, 5, 7)
            ),
        ],
    )
    set_verdict(
        report,
        "ogcapi-features.items.paging-complete",
        "failed",
        findings_total=1,
        findings=[
            finding(
                text("jedes Objekt genau einmal", "every feature exactly once"),
                text("`baum-7` kommt auf Seite 1 und Seite 3 vor", "`baum-7` occurs on page 1 and page 3"),
                paging,
                "/features/7/id",
            ),
        ],
    )
    set_verdict(
        report,
        "ogcapi-features.query.unknown-parameter",
        "failed",
        findings_total=1,
        findings=[
            finding(text("Status 400"), text("Status 200"), unknown),
        ],
    )
    set_verdict(
        report,
        "ogcapi-features.transport.cors",
        "failed",
        findings_total=1,
        findings=[
            finding(
                text("Kopfzeile `Access-Control-Allow-Origin`", "header `Access-Control-Allow-Origin`"),
                text("keine solche Kopfzeile", "no such header"),
                landing,
            ),
        ],
    )
    set_verdict(
        report,
        "ogcapi-features.items.number-matched-true",
        "inapplicable",
        reason=text("Keine Antwort nennt numberMatched.", "No response states numberMatched."),
    )
    set_verdict(
        report,
        "ogcapi-features.items.datetime-honoured",
        "untested",
        owner="configuration",
        reason=text(
            "Keine Sammlung mit Zeitangaben ist als Prüfparameter genannt.",
            "No collection with dates is named as a parameter.",
        ),
    )
    report["claims"][0] |= {
        "state": "over-claimed",
        "reason": text("3 MUSS-Anforderungen sind nicht erfüllt.", "3 MUST requirements failed."),
    }
    report["claims"].append(
        {
            "uri": "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
            "class": None,
            "state": "not-measured",
            "reason": text("Dieses Profil prüft die Klasse nicht.", "This profile does not test the class."),
        }
    )
    return decide(report)


def unreachable() -> Report:
    """Undetermined: half of the platform did not answer in time."""
    report = conforming()
    url = f"{BASE}/collections/baeume/items"
    cause = {
        "observation": "items",
        "owner": "network",
        "text": text(
            "Die Objekte der Sammlung „baeume“ kamen nicht innerhalb von 60 Sekunden",
            "The features of collection “baeume” did not arrive within 60 seconds",
        ),
    }
    names = [name for name in report["requirements"] if ".items." in name or ".geojson." in name]
    for name in names:
        set_verdict(report, name, "untested", owner="network", cause=cause, evidence=[evidence_id(url)])
    report["root_causes"] = [cause | {"requirements": names}]
    report["exchanges"][evidence_id(url)] = exchange(
        url, status=None, failure={"kind": "timeout", "owner": "network", "text": cause["text"]}, seconds=60.0
    )
    for claim in report["claims"][:2]:
        claim |= {"state": "not-measured", "reason": cause["text"]}
    return decide(report)


HOSTILE = (
    "</code></pre><script>alert(1)</script><img src=x onerror=alert(2)>"
    "]]><svg onload='alert(3)'>\"' onmouseover=\"alert(4)\" {{ 7*7 }} {% raw %} "
    "\u202e\u2066gnp.exe\u2069 \u200b\u00ad\u0000\u0007\ufeff\ufffe\ud800 \x1b[31m &amp; &#x3c;b&#x3e;"
)


def hostile() -> Report:
    """Not conforming, and the platform has put all it can into everything it controls."""
    report = not_conforming()
    bad = text(HOSTILE)
    report["subject"] = {
        "name": f"Portal {HOSTILE}",
        "url": "javascript:alert(5)",
        "operator": HOSTILE,
        "product": HOSTILE,
        "product_version": "1" * 100_000,
    }
    url = "javascript:alert(document.domain)//https://example.org"
    quoted = f"{BASE}/items?q=';$(touch${{IFS}}/tmp/pwned);`id`&token=geheim123"
    evil = exchange(url, HOSTILE + "A" * 1500, reason=HOSTILE)
    evil["response_headers"] = [["X-<b>" + HOSTILE, HOSTILE * 50], ["Set-Cookie", "sid=geheim456"]] * 100
    evil["headers"] = [["Authorization", "Bearer geheim789"]]
    report["exchanges"][evidence_id(url)] = evil
    report["exchanges"][evidence_id(quoted)] = exchange(quoted, "z\u0335\u0301\u0302\u0303\u0304\u0305" * 300)
    name = "ogcapi-features.landing-page.links"
    first = finding(bad, text("B" * 10_000_000), url, f"/links/0/{HOSTILE}")
    second = finding(bad, bad, quoted)
    second["request"]["headers"] = [["X'; rm -rf ~", "x"], ["Cookie", "sid=geheim456"], ["Accept", "a'\nb"]]
    set_verdict(report, name, "failed", findings=[first, second] * 40, findings_total=80, reason=bad)
    report["claims"] += [
        {"uri": f"{HOSTILE}{n}", "class": None, "state": "not-measured", "reason": bad} for n in range(1000)
    ]
    report["sample"].append({"text": bad})
    return decide(report)


ALL = {
    "conforming": conforming,
    "not-conforming": not_conforming,
    "unreachable": unreachable,
    "hostile": hostile,
}


def set_verdict(report: Report, name: str, outcome: str, **changes: Any) -> None:
    place = next(n for n, each in enumerate(report["verdicts"]) if each["requirement"] == name)
    kept = {"evidence": report["verdicts"][place]["evidence"]}
    report["verdicts"][place] = verdict(name, outcome, **(kept | changes))


def decide(report: Report) -> Report:
    """The report with decision, list of fixes and footer that follow from its verdicts."""
    report = deepcopy(report)
    levels = {"MUST": "must", "SHOULD": "should", "MAY": "may"}
    keys = {"cantTell": "cant_tell"}
    classes = []
    for name, (de, en, when) in CLASSES.items():
        tallies = {
            level: dict.fromkeys(("passed", "failed", "cant_tell", "inapplicable", "untested"), 0)
            for level in levels.values()
        }
        for each in report["verdicts"]:
            declared = report["requirements"][each["requirement"]]
            if declared["class"] == name:
                outcome = each["outcome"]
                tallies[levels[declared["level"]]][keys.get(outcome, outcome)] += 1
        classes.append(
            {"id": name, "title": text(de, en), "when": when, **_class_decision(name, tallies), **tallies}
        )
    made = [each["decision"] for each in classes]
    if "not-conforming" in made:
        decision = (
            "not-conforming",
            text(
                "Mindestens eine verlangte Klasse ist nicht konform.",
                "At least one required class is not conforming.",
            ),
        )
    elif "undetermined" in made:
        decision = (
            "undetermined",
            text(
                "Keine Klasse ist nicht konform, aber nicht jede ist entschieden.",
                "No class is not conforming, but not every class is decided.",
            ),
        )
    else:
        decision = (
            "conforming",
            text(
                "Jede verlangte und beanspruchte Klasse ist konform.",
                "Every required and claimed class is conforming.",
            ),
        )
    report["decision"] = {"decision": decision[0], "reason": decision[1], "classes": classes}
    report["to_fix"] = _to_fix(report)
    report["footer"] = {"verdicts": len(report["verdicts"]), "complete": True}
    return report


def _class_decision(name: str, tallies: dict[str, dict[str, int]]) -> dict[str, Any]:
    must = tallies["must"]
    if name == "html":
        return {"decision": "not-claimed", "reason": text("Nicht in conformsTo.", "Not in conformsTo.")}
    if must["failed"]:
        return {
            "decision": "not-conforming",
            "reason": text(
                f"{must['failed']} MUSS-Anforderungen nicht erfüllt.", f"{must['failed']} MUST failed."
            ),
        }
    if must["cant_tell"] or must["untested"]:
        return {
            "decision": "undetermined",
            "reason": text(
                f"{must['untested']} MUSS-Anforderungen nicht geprüft.", f"{must['untested']} MUST untested."
            ),
        }
    return {
        "decision": "conforming",
        "reason": text("Alle MUSS-Anforderungen erfüllt.", "Every MUST passed."),
    }


def _to_fix(report: Report) -> list[dict[str, Any]]:
    fixes = []
    for theme, (de, en, fix_de, fix_en) in THEMES.items():
        failed = [
            each
            for each in report["verdicts"]
            if each["outcome"] == "failed" and report["requirements"][each["requirement"]]["theme"] == theme
        ]
        levels = [report["requirements"][each["requirement"]]["level"] for each in failed]
        if failed:
            fixes.append(
                {
                    "theme": theme,
                    "title": text(de, en),
                    "fix": text(fix_de, fix_en),
                    "requirements": [each["requirement"] for each in failed],
                    "must": levels.count("MUST"),
                    "should": levels.count("SHOULD"),
                    "findings": sum(each["findings_total"] for each in failed),
                }
            )
    return sorted(fixes, key=lambda fix: (-fix["must"], -fix["findings"]))


def _exclude(requirements: dict[str, Any], name: str, reason: str, de: str, en: str) -> None:
    requirements[name]["excluded"] = {"reason": reason, "why": text(de, en)}
    requirements[name]["binding"] = None


# --- a portal, with what causes its deviations ------------------------------------------------------

CAUSES = ("Change", "Places", "Datasets", "Publishers", "Found", "Expected", "Example", "Requirements")
PUBLISHERS = (
    "Role",
    "Name",
    "Address",
    "Datasets",
    "with deviations",
    "Deviations",
    "Most frequent cause",
)


def same(value: str) -> dict[str, str]:
    return {"de": value, "en": value}


def table(name: str, heads: tuple[str, ...], rows: list[list[Any]]) -> dict[str, Any]:
    columns = [{"de": f"{head} (de)", "en": head} for head in heads]
    return {"id": name, "title": same(name), "intro": same(""), "columns": columns, "rows": rows}


def cause(change: str, places: int, requirements: str, example: str = "") -> list[Any]:
    told = {"de": f"{change} ändern.", "en": f"Change {change}."}
    return [told, places, places // 2, 3, same("x"), same("y"), example, requirements]


def with_causes(*rows: list[Any]) -> dict[str, Any]:
    report = deepcopy(not_conforming())
    role = {"de": "Herausgeber", "en": "publisher"}
    parties = [
        [role, same("Amt <b>A</b>"), "https://a.example/", 80, 20, 500, same("–")],
        [role, same("Amt B"), "", 20, 20, 700, same("–")],
        [role, {"de": "ohne Herausgeber", "en": "without publisher"}, "", 10, 10, 900, same("–")],
        [{"de": "Datenbereitsteller", "en": "contributor"}, same("Land"), "", 100, 40, 1200, same("–")],
    ]
    report["annexes"] = [table("causes", CAUSES, list(rows)), table("publishers", PUBLISHERS, parties)]
    return report


def portal() -> dict[str, Any]:
    """A report whose owner's page has everything: five changes, long addresses, publishers and text to be escaped."""
    ids = ("ogcapi-features.items.limit-honoured", "ogcapi-features.transport.cors")
    long = "https://opendata.example.org/dataset/" + "sehr-langer-name-ohne-trennung-" * 6
    rows = [cause(f"`dcterms:property{n}` <b>{n}</b>", 900 - 100 * n, ids[n % 2], long) for n in range(7)]
    return with_causes(*rows)
