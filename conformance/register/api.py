"""The register for programs: static JSON, described by a JSON Schema (2020-12) that comes with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any

from conformance.register.entries import Entry, Register
from conformance.register.places import land_name
from conformance.register.settings import Settings
from conformance.register.statistics import ProfileStatistics

FORMAT = "conformance-register/1"
ROOT = "api/v1"
PAGE = 100


def api_files(
    register: Register, figures: dict[str, ProfileStatistics], settings: Settings
) -> Iterator[tuple[str, bytes]]:
    """Paths and bytes of all files of the API."""
    yield f"{ROOT}/schema.json", schema_text().encode()
    pages = [register.entries[start : start + PAGE] for start in range(0, len(register.entries), PAGE)]
    for number, page in enumerate(pages, 1):
        following = f"entries-{number + 1}.json" if number < len(pages) else None
        yield (
            f"{ROOT}/entries-{number}.json",
            as_json({"format": FORMAT, "entries": [_brief(e, register) for e in page], "next": following}),
        )
    for entry in register.entries:
        yield f"{ROOT}/entry/{entry.slug}.json", as_json({"format": FORMAT} | entry_data(entry, register))
    yield f"{ROOT}/statistics.json", as_json(_statistics(figures, settings))
    yield f"{ROOT}/index.json", as_json(_index(register, settings, bool(pages)))


def entry_data(entry: Entry, register: Register) -> dict[str, Any]:
    """Everything that is published of an entry."""
    data = {k: v for k, v in asdict(entry).items() if k not in ("slug", "supersedes", "classes")}
    data["classes"] = [asdict(each) for each in entry.classes]
    data["subject"]["land_name"] = land_name(entry.subject.land)
    data["counts"] = {level: asdict(entry.tally(level)) for level in ("must", "should", "may")}
    data["failed"] = list(entry.failed)
    data["series"] = entry.series
    data["current"] = register.speaks(entry)
    data["history"] = [f"{ROOT}/entry/{e.slug}.json" for e in register.histories[entry.series][:PAGE]]
    data["page"] = {lang: f"{lang}/entry/{entry.slug}.html" for lang in ("de", "en")}
    data["badge"] = {lang: f"badges/{entry.series}.{lang}.svg" for lang in ("de", "en")}
    return data


def as_json(data: Any) -> bytes:
    """Readable JSON with sorted keys: equal data, equal bytes."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


@cache
def schema_text() -> str:
    """The JSON Schema of every file of the API."""
    return resources.files("conformance.register").joinpath("api.schema.json").read_text(encoding="utf-8")


def _brief(entry: Entry, register: Register) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": entry.subject.name,
        "land": entry.subject.land,
        "ags": entry.subject.ags,
        "profile": entry.profile.name,
        "decision": entry.decision,
        "status": entry.status,
        "level": entry.level,
        "test_key": entry.test_key,
        "issued": entry.issued,
        "valid_until": entry.valid_until,
        "current": register.speaks(entry),
        "entry": f"{ROOT}/entry/{entry.slug}.json",
    }


def _index(register: Register, settings: Settings, any_page: bool) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "title": settings.title.to_json(),
        "publisher": settings.publisher,
        "licence": settings.licence,
        "as_of": register.now.strftime("%Y-%m-%d"),
        "schema": f"{ROOT}/schema.json",
        "entries": f"{ROOT}/entries-1.json" if any_page else None,
        "statistics": f"{ROOT}/statistics.json",
        "profiles": [
            {
                "name": p.name,
                "title": p.title.to_json(),
                "csv": f"data/{p.slug}.csv",
                "jsonld": f"data/{p.slug}.jsonld",
            }
            for p in register.profiles
        ],
    }


def _statistics(figures: dict[str, ProfileStatistics], settings: Settings) -> dict[str, Any]:
    return {"format": FORMAT, "k": settings.k, "profiles": [asdict(each) for each in figures.values()]}
