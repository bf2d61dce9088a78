"""What CKAN's package_search understands of Solr, as far as portals are asked for it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from conformance.reference.open_data_portal.data import Package

_CONDITION = re.compile(r"([+-]?)(\w+):(\[[^\]]*\]|\"[^\"]*\"|\([^)]*\)|\S+)")
_WORD = re.compile(r"\w+")


def matching(packages: tuple[Package, ...], q: str = "", fq: str = "") -> tuple[Package, ...]:
    """The packages with all words of ``q`` and all conditions of ``fq``."""
    found = [p for p in packages if _has_words(p, q) and _fulfils(p, fq)]
    return tuple(found)


def ordered(packages: tuple[Package, ...], sort: str) -> tuple[Package, ...]:
    """The packages in the order of ``sort``: fields with a direction, the first one weighs most."""
    found = list(packages)
    for part in reversed([part.strip() for part in sort.split(",") if part.strip()]):
        field, _, direction = part.partition(" ")
        if field != "score":
            found.sort(key=lambda p: str(p.get(field, "")), reverse=direction.strip().lower() == "desc")
    return tuple(found)


def facet(packages: tuple[Package, ...], field: str) -> dict[str, Any]:
    """How often each value of a field occurs, as search_facets has it."""
    counted = Counter(value for package in packages for value in values_of(package, field))
    items = [{"name": name, "display_name": name, "count": count} for name, count in counted.most_common()]
    return {"title": field, "items": items}


def values_of(package: Package, field: str) -> tuple[str, ...]:
    """What a field of the search index holds for a package."""
    if field == "tags":
        return tuple(tag["name"] for tag in package["tags"])
    if field == "groups":
        return tuple(group["name"] for group in package["groups"])
    if field == "organization":
        return (package["organization"]["name"],)
    name = "type" if field == "dataset_type" else field
    return (str(package[name]),) if name in package else ()


def _has_words(package: Package, q: str) -> bool:
    if q.strip() in ("", "*:*"):
        return True
    if ":" in q:
        return _fulfils(package, q)
    text = " ".join(
        [package["title"], package["notes"], package["name"], *values_of(package, "tags")]
    ).lower()
    words = set(_WORD.findall(text))
    return all(word.lower() in words for word in _WORD.findall(q))


def _fulfils(package: Package, fq: str) -> bool:
    for sign, field, wanted in _CONDITION.findall(fq):
        if _is(package, field, wanted.strip('"()')) == (sign == "-"):
            return False
    return True


def _is(package: Package, field: str, wanted: str) -> bool:
    if wanted.startswith("["):
        least = wanted[1:-1].split(" TO ")[0].removesuffix("Z")
        return any(value >= least for value in values_of(package, field))
    return wanted == "*" or wanted in values_of(package, field)
