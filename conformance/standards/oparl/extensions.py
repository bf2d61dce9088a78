"""Properties that the standard does not know (3.2 Herstellerspezifische Erweiterungen)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from conformance.model import literal, say
from conformance.standards.oparl.gathering import Context, Deviation, quoted, rule
from conformance.standards.oparl.properties import FORMS
from conformance.standards.oparl.semantics import Found
from conformance.standards.oparl.things import Thing

_PREFIXED = re.compile(r"[^:\s]+:.+", re.DOTALL)
_FOR_ALL = ("id", "type", "name", "shortName", "license", "created", "modified", "keyword", "web", "deleted")
_UNRELEASED: Mapping[str, tuple[str, ...]] = {
    "Body": ("mainOrganization",),
    "Organization": ("memberCount", "votingMemberCount"),
    "Person": ("image",),
    "File": ("person",),
}
_IN_EXAMPLES: Mapping[str, tuple[str, ...]] = {"Location": ("paper",)}  # 3.1, so named in its example


@lru_cache(maxsize=64)
def known(kind: str) -> frozenset[str]:
    """Names that any version of the standard has for this type."""
    return frozenset(
        (*FORMS.get(kind, {}), *_FOR_ALL, *_UNRELEASED.get(kind, ()), *_IN_EXAMPLES.get(kind, ()))
    )


@lru_cache(maxsize=1024)
def alias_of(kind: str, name: str) -> str:
    """The property that an unknown name seems to mean: another number, other capitals or separators; else ""."""
    plain = _plain(name)
    return next((each for each in sorted(FORMS.get(kind, {})) if _plain(each) == plain), "")


def _plain(name: str) -> str:
    letters = re.sub(r"[\W_]+", "", name).lower()
    return re.sub(r"ies\Z", "y", letters) if letters.endswith("ies") else letters.removesuffix("s")


def _unknown(thing: Thing) -> list[str]:
    """Names without prefix that no version of the standard has for this type."""
    names = thing.data.keys() - known(thing.kind) if thing.kind else ()
    return sorted(n for n in names if not _PREFIXED.fullmatch(n) and not n.startswith("@")) if names else []


@rule("oparl.extensions.prefix")
def prefixed(thing: Thing, _context: Context) -> Found:
    """3.2: vendors' own properties carry a prefix."""
    for name in _unknown(thing):
        if not alias_of(thing.kind, name):
            expected = say(
                "ein Präfix, etwa „Hersteller:{n}“", 'a prefix, such as "Vendor:{n}"', n=quoted(name)
            )
            yield Deviation(f"/{_escaped(name)}", expected, quoted(name))
    if thing.kind:
        yield None


@rule("oparl.extensions.no-aliases")
def no_aliases(thing: Thing, _context: Context) -> Found:
    """3: the names of properties are fixed."""
    aliases = [(name, alias) for name in _unknown(thing) if (alias := alias_of(thing.kind, name))]
    yield from (Deviation(f"/{_escaped(name)}", literal(alias), quoted(name)) for name, alias in aliases)
    if thing.kind and not aliases:
        yield None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
