"""What changed between two reports, and why as far as the reports tell."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from conformance.model import Language
from conformance.report import view
from conformance.report.harmless import harmless_report
from conformance.report.texts import count, phrase
from conformance.report.view import Report, Row

FORMAT = "conformance-diff/1"
CAUSES = ("subject", "product", "rules", "data", "unstable")
DIRECTIONS = ("worse", "better", "other")

_VARYING = (
    "date",
    "age",
    "expires",
    "last-modified",
    "etag",
    "set-cookie",
    "content-length",
    "server-timing",
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def diff_data(old: Report, new: Report) -> dict[str, Any]:
    """The comparison as data: what became ``worse``, ``better`` or ``other``, what was added or removed.

    Each change names its possible ``causes``, the likeliest first: ``subject`` (another platform or address),
    ``product`` (other product version), ``rules`` (other profile or suite), ``data`` (other content),
    ``unstable`` (fault, varying answer or other sample).
    """
    before, after = harmless_report(old), harmless_report(new)
    old_rows = {row.id: row for row in view.rows(before)}
    new_rows = {row.id: row for row in view.rows(after)}
    shared = [name for name in new_rows if name in old_rows]
    changed = [name for name in shared if old_rows[name].state != new_rows[name].state]
    changes = [_change(before, after, old_rows[name], new_rows[name]) for name in changed]
    return {
        "format": FORMAT,
        "old": _identity(before),
        "new": _identity(after),
        "decision": {"old": view.decision(before), "new": view.decision(after)},
        **{way: [change for change in changes if change["direction"] == way] for way in DIRECTIONS},
        "added": [_named(row) for name, row in new_rows.items() if name not in old_rows],
        "removed": [_named(row) for name, row in old_rows.items() if name not in new_rows],
        "unchanged": len(shared) - len(changed),
    }


def render_diff(data: dict[str, Any], lang: Language) -> str:
    """The comparison in plain text."""
    old, new = data["old"], data["new"]
    lines = [phrase("diff-title", lang), f"  {_told(old)}", f"  {_told(new)}"]
    if old["profile"] != new["profile"]:
        lines.append(phrase("diff-profiles", lang, old=old["profile"], new=new["profile"]))
    if old["url"] != new["url"]:
        lines.append(phrase("diff-subjects", lang, old=old["url"], new=new["url"]))
    decision = {key: phrase(made, lang) for key, made in data["decision"].items()}
    lines += ["", phrase("diff-decision", lang, **decision)]
    lines += _section(phrase("diff-causes", lang), _advice(data, lang), numbered=False)
    if not any(data[way] for way in DIRECTIONS):
        lines += ["", phrase("diff-same", lang)]
    for way in DIRECTIONS:
        lines += _section(phrase(f"diff-{way}", lang), [_lines(change, lang) for change in data[way]])
    for way in ("added", "removed"):
        entries = [[f"{each['requirement']}: {each['title'][lang]}"] for each in data[way]]
        lines += _section(phrase(f"diff-{way}", lang), entries)
    return "\n".join(lines) + "\n"


def _change(before: Report, after: Report, old: Row, new: Row) -> dict[str, Any]:
    return {
        **_named(new),
        "level": new.level,
        "old": old.state,
        "new": new.state,
        "direction": _direction(old.state, new.state),
        "causes": _causes(before, after, old, new),
    }


def _direction(old: str, new: str) -> str:
    if new == "failed":
        return "worse"
    return "better" if new == "passed" and old in ("failed", *view.OPEN) else "other"


def _causes(before: Report, after: Report, old: Row, new: Row) -> list[str]:
    rules = _differ(before, after, "profile", "digest") or _differ(before, after, "suite", "version")
    product = any(_differ(before, after, "subject", key) for key in ("product", "product_version"))
    if "excluded" in (old.state, new.state):
        return ["rules"]
    if _address(before) != _address(after):
        return [c for c, found in {"subject": True, "product": product, "rules": rules}.items() if found]
    if _disturbed(old) or _disturbed(new):
        return ["unstable"]
    answers = _answers(before, after, old, new)
    found = {"product": product, "rules": rules, "data": False, "unstable": False}
    if answers == "same":
        found["product"] = False
        found["unstable"] = not rules
    elif answers == "other-status":
        found["unstable"] = not product
    elif answers == "other-content":
        found["data"] = True
    else:
        found["data"] = not product
        found["unstable"] = not product and (not rules or _other_sample(before, after))
    return [cause for cause in CAUSES if found.get(cause)]


def _address(report: Report) -> str:
    return str(report["subject"]["url"]).rstrip("/")


def _answers(before: Report, after: Report, old: Row, new: Row) -> str:
    """How the answers to the requests that both verdicts rest on compare."""
    shared = [
        (before["exchanges"][name], after["exchanges"][name])
        for name in sorted(_evidence(old) & _evidence(new))
        if name in before["exchanges"] and name in after["exchanges"]
    ]
    if not shared:
        return "none"
    if any(one["status"] != two["status"] for one, two in shared):
        return "other-status"
    if any(_content(one) != _content(two) for one, two in shared):
        return "other-content"
    return "none" if _evidence(old) != _evidence(new) else "same"


def _evidence(row: Row) -> set[str]:
    verdict = row.verdict or {"evidence": [], "findings": []}
    return {*verdict["evidence"], *(finding["evidence"] for finding in verdict["findings"])} - {""}


def _content(exchange: dict[str, Any]) -> tuple[int, str, list[list[str]]]:
    headers = [[n.lower(), v] for n, v in exchange["response_headers"] if n.lower() not in _VARYING]
    return exchange["bytes"], _TIME.sub("", exchange["excerpt"]), sorted(headers)


def _disturbed(row: Row) -> bool:
    owner = (row.verdict or {}).get("owner")
    return row.state in view.OPEN and owner in ("network", "third-party", "configuration", "suite")


def _other_sample(before: Report, after: Report) -> bool:
    return any(_differ(before, after, "run", key) for key in ("seed", "plan"))


def _differ(before: Report, after: Report, part: str, key: str) -> bool:
    return bool(before[part][key] != after[part][key])


def _identity(report: Report) -> dict[str, Any]:
    subject = report["subject"]
    return {
        "subject": subject["name"],
        "url": subject["url"],
        "product": f"{subject['product']} {subject['product_version']}".strip(),
        "profile": report["profile"]["name"],
        "digest": report["profile"]["digest"],
        "suite": report["suite"]["version"],
        "started": report["run"]["started"],
    }


def _named(row: Row) -> dict[str, Any]:
    return {"requirement": row.id, "title": row.requirement["title"]}


def _told(identity: dict[str, Any]) -> str:
    parts = (identity["started"], identity["subject"], identity["product"], identity["profile"])
    return " · ".join(" ".join(str(part).split()) for part in parts if part)


def _lines(change: dict[str, Any], lang: Language) -> list[str]:
    level = phrase(change["level"], lang)
    states = f"{phrase(change['old'], lang)} → {phrase(change['new'], lang)}"
    causes = [phrase(f"cause-{cause}", lang) for cause in change["causes"]]
    because = phrase("because", lang, cause=causes[0]) if len(causes) == 1 else ""
    if len(causes) > 1:
        because = phrase("because-or", lang, causes="; ".join(causes))
    return [f"{level} {change['title'][lang]}: {states}", f"  {change['requirement']}", f"  {because}"]


def _advice(data: dict[str, Any], lang: Language) -> list[list[str]]:
    """For each cause: how many changes it may explain, and what to do about it."""
    tally = Counter(cause for way in DIRECTIONS for change in data[way] for cause in change["causes"])
    certain = Counter(
        change["causes"][0] for way in DIRECTIONS for change in data[way] if len(change["causes"]) == 1
    )
    entries = []
    for cause in CAUSES:
        if tally[cause]:
            key = "diff-certain" if certain[cause] == tally[cause] else "diff-possible"
            number = count("n-changes", tally[cause], lang)
            told = phrase(key, lang, cause=phrase(f"cause-{cause}", lang), count=number)
            entries.append([told, phrase(f"advice-{cause}", lang)])
    return entries


def _section(title: str, entries: list[list[str]], *, numbered: bool = True) -> list[str]:
    heading = f"{title} ({len(entries)})" if numbered else title
    lines = ["", heading] if entries else []
    for entry in entries:
        lines += [f"  - {entry[0]}", *(f"    {line}" for line in entry[1:])]
    return lines
