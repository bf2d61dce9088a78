"""The report as one PDF/A-3a and PDF/UA-1 file with the report's canonical JSON embedded (ISO 19005-3, ISO 14289-1).

typst sets the pages. Everything it gets is data: the template reads one JSON file and never evaluates a text of
it, so nothing a platform says can become code. Same report, same bytes: the time stamp is that of the run.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import rfc8785
import typst

from conformance.model import LANGUAGES, Language
from conformance.report import texts, view
from conformance.report.harmless import curl, harmless_report, link
from conformance.report.pdf_seal import seal_block, word
from conformance.report.pdf_text import broken, clipped, command_lines, prose, said
from conformance.report.pdf_texts import PDF_TEXTS
from conformance.report.told import CRITERIA, waiver_note, why
from conformance.report.view import Report, Row

MOST_ROWS = 3000  # requirements in the table of part B
MOST_FINDINGS = 900  # findings in part C
FINDINGS_EACH = 3  # per requirement
MOST_EMBEDDED = 100_000_000  # bytes of report.json
MOST_EXCHANGES = 400
MOST_EVIDENCE = 2  # ids per row
MOST_CLAIMS = 60
MOST_WAIVERS = 200
NOTE_LIMIT = 220  # characters below a requirement
MOST_ITEMS = 6  # lines of a list on the first page
LINE_LIMIT = 260  # characters of a line on the first page
EXCERPT_LIMIT = 400
STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]

_HALF = re.compile("[\ud800-\udfff]")
_STATE_OF = {"failed": "failed", "cant_tell": "cantTell", "untested": "untested", "passed": "passed"}


def render_pdf(report: Report, lang: Language, *, seal: Mapping[str, Any] | None = None) -> bytes:
    """The report in one language; with ``seal`` (an attestation) also what is attested, and by whom.

    The attestation is embedded, too. The bytes are not signed yet. They end with a newline, which typst leaves
    out and without which a signature appended to them violates ISO 19005-3, 6.1.9.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no interface texts in language {lang!r}")
    canonical = _canonical({name: value for name, value in report.items() if name != "waivers"})
    attached = {"report.json": canonical} if len(canonical) <= MOST_EMBEDDED else {}
    if seal is not None:
        attached["attestation.json"] = _canonical(dict(seal))
    data = _data(report, lang, seal, tuple(attached))
    data["digest"] = broken("sha256:" + sha256(canonical).hexdigest())
    moment = str(seal["issued"]) if seal is not None else str(report["run"]["finished"])
    pdf = _compiled(json.dumps(data, ensure_ascii=False), attached, _timestamp(moment))
    return pdf if pdf.endswith(b"\n") else pdf + b"\n"


def _canonical(data: Report) -> bytes:
    """RFC 8785; half characters, which no stored report holds and RFC 8785 forbids, become U+FFFD."""
    try:
        return rfc8785.dumps(data)
    except rfc8785.CanonicalizationError:
        text = json.dumps(data, ensure_ascii=False)
        return rfc8785.dumps(json.loads(_HALF.sub("\ufffd", text)))


def _compiled(data: str, attached: Mapping[str, bytes], timestamp: int) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "report.typ").write_bytes(_template())
        (root / "data.json").write_text(data, encoding="utf-8")
        for file, content in attached.items():
            (root / file).write_bytes(content)
        return typst.compile(
            str(root / "report.typ"),
            root=str(root),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            package_path=name,
            package_cache_path=name,
            pdf_standards=STANDARDS,
            timestamp=timestamp,
        )


def _data(
    report: Report, lang: Language, seal: Mapping[str, Any] | None, attached: Sequence[str]
) -> dict[str, Any]:
    shown = harmless_report(report)
    found = view.rows(shown)
    told = _findings(shown, found, lang)
    return {
        "lang": lang,
        "title": _title(shown, lang, seal),
        "name": said(shown["subject"]["name"], 120),
        "suite": f"{shown['suite']['name']} {shown['suite']['version']}",
        "keywords": word("keywords", lang),
        "attachments": [
            {"name": name, "description": word(f"attached-{name.removesuffix('.json')}", lang)}
            for name in attached
        ],
        "embedded": word("embedded-intro" if "report.json" in attached else "embedded-too-large", lang),
        "words": _words(lang),
        "decision": _decision_page(report, shown, lang),
        "bar": _bar(shown, lang),
        "seal": seal_block(seal, lang) if seal is not None else None,
        "classes": [_class(each, lang) for each in shown["decision"]["classes"]],
        "claims": [_claim(each, lang) for each in shown["claims"][:MOST_CLAIMS]],
        "claims_cut": _claims_cut(report, lang),
        "sample": [prose(line["text"][lang], 400) for line in shown["sample"][:20]],
        "groups": _groups(shown, _first(found, MOST_ROWS), told, lang),
        "rows_cut": _cut("rows-cut", min(len(found), MOST_ROWS), len(found), lang),
        "waivers": _waivers(shown, lang),
        "actors": [_actor(each) for each in view.actors(shown, lang)],
        "fixes": [_fix(each, lang) for each in shown["to_fix"][:50]],
        "findings": told,
        "findings_cut": _findings_cut(shown, told, lang),
        "exchanges": _exchanges(shown, told, lang),
        "exchanges_cut": _cut(
            "exchanges-cut", min(len(shown["exchanges"]), MOST_EXCHANGES), len(shown["exchanges"]), lang
        ),
        "figures": _figures(shown, lang),
        "limits": _limits(shown, lang),
    }


def _title(shown: Report, lang: Language, seal: Mapping[str, Any] | None) -> str:
    name = said(shown["subject"]["name"], 120, breaks=False)
    if seal is None:
        return texts.phrase("page-title", lang, name=name)
    return f"{word(str(seal['kind']), lang)}: {name}"


def _decision_page(report: Report, shown: Report, lang: Language) -> dict[str, Any]:
    made = "undetermined" if view.with_waivers(shown) else view.decision(shown)
    because = str(shown["decision"]["reason"][lang])
    if view.with_waivers(shown):
        because = texts.phrase("without-waivers", lang, reason=because)
    subject, profile = shown["subject"], shown["profile"]
    product = f"{subject['product']} {subject['product_version']}".strip()
    unknown = texts.phrase("unknown", lang)
    not_tested = view.not_tested(shown, lang)
    return {
        "state": made,
        "word": view.decision_words(shown, lang),
        "eyebrow": f"{texts.phrase('report', lang)} · {said(profile['title'][lang], 120)}",
        "sentence": said(view.sentence(shown, lang), 400),
        "because": prose(because, LINE_LIMIT),
        "incomplete": None if view.complete(report) else texts.phrase("incomplete", lang),
        "reasons": [prose(line, LINE_LIMIT) for line in view.reasons(shown, lang)],
        "steps": [prose(line, LINE_LIMIT) for line in view.next_steps(shown, lang)[:MOST_ITEMS]],
        "gaps": [prose(line, LINE_LIMIT) for line in not_tested[:MOST_ITEMS]],
        "gaps_more": len(not_tested) - MOST_ITEMS,
        "facts": [
            (texts.phrase("address", lang), said(subject["url"], 200)),
            (texts.phrase("operator", lang), said(subject["operator"] or unknown, 120)),
            (texts.phrase("product", lang), said(product or unknown, 160)),
            (texts.phrase("profile", lang), said(f"{profile['name']} ({profile['document']})", 160)),
            (texts.phrase("tested", lang), texts.moment(shown["run"]["started"], lang)),
            (texts.phrase("tested-with", lang), f"{shown['suite']['name']} {shown['suite']['version']}"),
        ],
    }


def _bar(shown: Report, lang: Language) -> dict[str, Any] | None:
    """How the MUST requirements of the tested classes ended, as shares of a bar with words and alt text."""
    parts = [(state, view.counts(shown, "must", key)) for key, state in _STATE_OF.items()]
    parts = [(state, n) for state, n in parts if n]
    if not parts:
        return None
    words = [f"{texts.number(n, lang)} {texts.phrase(state, lang)}" for state, n in parts]
    return {
        "parts": [{"state": s, "n": n, "word": w} for (s, n), w in zip(parts, words, strict=True)],
        "alt": word("bar-alt", lang, parts=", ".join(words)),
    }


def _class(each: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    return {
        "title": said(each["title"][lang], 160),
        "when": texts.phrase(each["when"], lang),
        "state": each["decision"],
        "word": texts.phrase(each["decision"], lang),
        "reason": prose(each["reason"][lang], 300),
        "tallies": [_tally(each[level], lang) for level in ("must", "should", "may")],
    }


def _tally(counts: Mapping[str, int], lang: Language) -> list[str]:
    states = {**_STATE_OF, "inapplicable": "inapplicable"}
    return [
        f"{texts.number(counts[key], lang)} {texts.phrase(state, lang)}"
        for key, state in states.items()
        if counts[key]
    ]


def _claim(claim: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    return {
        "uri": said(claim["uri"], 300),
        "state": claim["state"],
        "word": texts.phrase(claim["state"], lang),
        "reason": prose(claim["reason"][lang], 300),
    }


def _claims_cut(report: Report, lang: Language) -> str:
    more = len(report["claims"]) - MOST_CLAIMS
    return word("claims-cut", lang, n=texts.number(more, lang)) if more > 0 else ""


def _waivers(shown: Report, lang: Language) -> dict[str, Any] | None:
    """The waivers laid over the report (:mod:`conformance.waivers`), with those that have no effect."""
    if not shown.get("waivers"):
        return None
    applied = list(view.waivers(shown).values())
    return {
        "caption": texts.phrase("waivers-caption", lang, on=said(shown["waivers"]["on"], 40)),
        "totals": [said(line, 300) for line in view.totals(shown, lang)],
        "problems": [prose(line, 300) for line in view.waiver_problems(shown, lang)[:MOST_WAIVERS]],
        "rows": [_waiver(each, lang) for each in applied[:MOST_WAIVERS]],
    }


def _waiver(waiver: Mapping[str, Any], lang: Language) -> list[Any]:
    period = texts.phrase("from-until", lang, start=waiver["from"], end=waiver["until"])
    return [
        said(waiver["requirement"], 120),
        prose(waiver["reason"][lang], 400),
        said(waiver["approved_by"], 120),
        said(period, 80),
        texts.phrase(f"signature-{waiver['signature_state']}", lang),
    ]


def _groups(
    shown: Report, found: list[Row], told: list[dict[str, Any]], lang: Language
) -> list[dict[str, Any]]:
    titles = {each["id"]: each["title"][lang] for each in shown["decision"]["classes"]}
    places = {block["id"]: place for place, block in enumerate(told)}
    by_class: dict[str, list[Row]] = {}
    for row in found:
        by_class.setdefault(str(row.requirement["class"]), []).append(row)
    return [
        {
            "title": word(
                "table-of-class",
                lang,
                name=said(titles.get(name, name), 120),
                count=texts.count("n-requirements", len(members), lang),
            ),
            "rows": [_row(shown, row, places.get(row.id), lang) for row in members],
        }
        for name, members in by_class.items()
    ]


def _first(found: list[Row], most: int) -> list[Row]:
    """All rows in their order; of too many the first ones, MUST before the others."""
    if len(found) <= most:
        return found
    kept = {row.id for row in sorted(found, key=lambda row: not row.must)[:most]}
    return [row for row in found if row.id in kept]


def _row(shown: Report, row: Row, place: int | None, lang: Language) -> dict[str, Any]:
    requirement = row.requirement
    evidence = row.verdict["evidence"] if row.verdict else []
    return {
        "id": said(row.id, 120),
        "title": said(requirement["title"][lang], 240),
        "level": texts.phrase(row.level, lang),
        "clause": said(requirement["source"]["clause"], 40),
        "url": link(requirement["source"]["url"]),
        "state": row.state,
        "word": texts.phrase(row.state, lang),
        "note": prose(why(row, lang), NOTE_LIMIT) if row.state != "passed" else [],
        "waived": prose(waiver_note(shown, row, lang), NOTE_LIMIT),
        "criterion": CRITERIA[row.level] or "–",
        "evidence": [said(name, 40) for name in evidence[:MOST_EVIDENCE]],
        "more": word("more-evidence", lang, n=len(evidence) - MOST_EVIDENCE)
        if len(evidence) > MOST_EVIDENCE
        else "",
        "place": place,
    }


def _actor(actor: view.Actor) -> dict[str, Any]:
    return {
        "label": actor.label,
        "step": actor.step,
        "causes": [prose(cause, 300) for cause in actor.causes[:5]],
        "requirements": [said(name, 120) for name in actor.requirements[:40]],
        "more": max(0, len(actor.requirements) - 40),
    }


def _fix(fix: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    mends = [texts.count(f"n-{level}", fix[level], lang) for level in ("must", "should") if fix[level]]
    return {
        "title": said(fix["title"][lang], 200),
        "needed": bool(fix["must"]),
        "mends": f"{', '.join(mends)} ({texts.count('n-findings', fix['findings'], lang)})",
        "fix": prose(fix["fix"][lang], 600),
    }


def _findings(shown: Report, found: list[Row], lang: Language) -> list[dict[str, Any]]:
    """Requirements with findings, MUST first, until ``MOST_FINDINGS`` are told."""
    concerned = [row for row in found if row.verdict and (row.state == "failed" or row.verdict["findings"])]
    blocks: list[dict[str, Any]] = []
    left = MOST_FINDINGS
    for row in sorted(concerned, key=lambda row: not row.must):
        if left <= 0:
            break
        block = _block(shown, row, min(FINDINGS_EACH, left), lang)
        left -= max(1, len(block["findings"]))
        blocks.append(block)
    return blocks


def _block(shown: Report, row: Row, most: int, lang: Language) -> dict[str, Any]:
    verdict = row.verdict or {}
    total = verdict["findings_total"]
    findings = [_finding(shown, each, lang) for each in verdict["findings"][:most]]
    for n, finding in enumerate(findings, 1):
        finding["heading"] = word("finding-of", lang, n=n, total=texts.number(total, lang))
        finding["excerpt"] = finding["excerpt"] if n == 1 else ""
    source = row.requirement["source"]
    return {
        "id": row.id,
        "name": said(row.id, 120),
        "title": said(row.requirement["title"][lang], 240),
        "level": texts.phrase(row.level, lang),
        "state": row.state,
        "word": texts.phrase(row.state, lang),
        "clause": said(texts.phrase("clause", lang, clause=source["clause"], title=source["title"]), 160),
        "reason": prose(verdict["reason"][lang], 400) if verdict["reason"] else [],
        "waived": prose(waiver_note(shown, row, lang), 400),
        "findings": findings,
        "fix": prose(row.requirement["fix"][lang], 600),
    }


def _finding(shown: Report, finding: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    exchange = shown["exchanges"].get(finding["evidence"])
    request = finding["request"] or exchange
    command = curl(request) if request else None
    lines = command_lines(command) if command else []
    return {
        "expected": prose(finding["expected"][lang], 400),
        "got": prose(finding["got"][lang], 400),
        "pointer": said(finding["pointer"], 200),
        "request": said(f"{request['method']} {request['url']}", 300) if request else "",
        "curl": "\n".join(lines),
        "too_long": bool(command) and not lines,
        "evidence": said(finding["evidence"], 40),
        "answer": _answer(exchange, lang) if exchange else "",
        "excerpt": clipped(exchange["excerpt"], EXCERPT_LIMIT) if exchange and exchange["excerpt"] else "",
    }


def _answer(exchange: Mapping[str, Any], lang: Language) -> str:
    if exchange["status"] is None:
        return texts.phrase("no-answer", lang)
    answer = f"{exchange['status']} {exchange['reason'] or ''}".strip()
    return said(f"{answer}, {texts.size(exchange['bytes'], lang)}", 120)


def _findings_cut(shown: Report, told: list[dict[str, Any]], lang: Language) -> str:
    total = sum(verdict["findings_total"] for verdict in shown["verdicts"])
    count = sum(len(block["findings"]) for block in told)
    return _cut("findings-cut", count, total, lang, each=FINDINGS_EACH)


def _cut(key: str, shown: int, total: int, lang: Language, **values: Any) -> str:
    if shown >= total:
        return ""
    return word(key, lang, shown=texts.number(shown, lang), total=texts.number(total, lang), **values)


def _exchanges(shown: Report, told: list[dict[str, Any]], lang: Language) -> list[dict[str, Any]]:
    cited = {finding["evidence"] for block in told for finding in block["findings"]}
    ids = sorted(shown["exchanges"], key=lambda name: said(name, 40) not in cited)
    return [
        {
            "id": said(name, 40),
            "request": said(f"{shown['exchanges'][name]['method']} {shown['exchanges'][name]['url']}", 240),
            "answer": _answer(shown["exchanges"][name], lang),
        }
        for name in ids[:MOST_EXCHANGES]
    ]


def _figures(shown: Report, lang: Language) -> list[tuple[str, str]]:
    run = shown["run"]
    figures = [
        ("profile-digest", said(shown["profile"]["digest"], 120)),
        ("plan-digest", said(run["plan"], 120)),
        ("seed", str(run["seed"])),
        ("started", said(run["started"], 60)),
        ("finished", said(run["finished"], 60)),
        ("requests", texts.number(run["requests"], lang)),
    ]
    return [(texts.phrase(key, lang), value) for key, value in figures]


def _limits(shown: Report, lang: Language) -> list[tuple[str, str]]:
    return [
        (
            texts.phrase("limit", lang, name=_limit_name(said(name, 60), lang)),
            texts.number(value, lang) if isinstance(value, int | float) else said(str(value), 60),
        )
        for name, value in list(shown["run"]["limits"].items())[:30]
    ]


def _limit_name(name: str, lang: Language) -> str:
    return texts.phrase(f"limit-{name}", lang) if f"limit-{name}" in texts.TEXTS else name


def _words(lang: Language) -> dict[str, str]:
    both = {**texts.TEXTS, **PDF_TEXTS}
    return {key: text.in_language(lang) for key, text in both.items()}


def _timestamp(moment: str) -> int:
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return 0
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


@cache
def _template() -> bytes:
    return resources.files("conformance.report").joinpath("templates/report.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    with resources.as_file(resources.files("conformance.report").joinpath("fonts")) as folder:
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
