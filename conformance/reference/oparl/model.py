"""What is said how: embedded, referenced or listed, in which form and in which version (chapters 2.5, 3, 4)."""

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]
Objects = Mapping[str, Object]

SCHEMA = "https://schema.oparl.org"

# Objects that are put out inside others (schemas of clause 3); the data hold their ids at these places.
EMBEDDED: Mapping[str, tuple[str, ...]] = {
    "Body": ("legislativeTerm", "location"),
    "Organization": ("location",),
    "Person": ("membership", "locationObject"),
    "Meeting": (
        "location",
        "invitation",
        "resultsProtocol",
        "verbatimProtocol",
        "auxiliaryFile",
        "agendaItem",
    ),
    "AgendaItem": ("resolutionFile", "auxiliaryFile"),
    "Paper": ("mainFile", "auxiliaryFile", "location", "consultation"),
}

# References back to the enclosing object, left out where there is one (clause 3, "Die Objekte").
BACK: Mapping[str, tuple[str, ...]] = {
    "LegislativeTerm": ("body",),
    "Membership": ("person",),
    "AgendaItem": ("meeting",),
    "Consultation": ("paper",),
    "File": ("meeting", "agendaItem", "paper"),
    "Location": ("bodies", "organizations", "persons", "meetings", "papers", "organization", "meeting"),
}

# What omit_internal=true leaves out (clause 2.5, "Filter").
INTERNAL_LISTS: Mapping[str, tuple[str, ...]] = {
    "AgendaItem": ("auxiliaryFile",),
    "Meeting": ("auxiliaryFile", "agendaItem"),
    "Paper": ("auxiliaryFile", "location"),
    "Person": ("membership",),
    "Body": ("legislativeTerm",),
}

_UNDATED = ("created", "modified", "license", "deleted")
# Properties that came with 1.1 (clause 4.1 and the schemas of both versions).
_NEW: Mapping[str, tuple[str, ...]] = {
    "Body": ("agendaItem", "consultation", "file", "locationList", "legislativeTermList", "membership"),
    "LegislativeTerm": _UNDATED,
    "Membership": _UNDATED,
    "AgendaItem": (*_UNDATED, "order"),
    "Consultation": _UNDATED,
    "Organization": ("license", "consultation"),
    "Person": ("license", "locationObject"),
    "Meeting": ("license",),
    "Paper": ("license",),
    "File": ("license", "sha512Checksum"),
    "Location": ("license", "persons"),
}
_OLD_NAMES: Mapping[str, Mapping[str, str]] = {
    "Location": {"organizations": "organization", "meetings": "meeting"}
}
# Kinds that 1.0 lets vanish without a trace (clause 2.8 of 1.0).
VANISHING = frozenset({"LegislativeTerm", "Membership", "AgendaItem", "Consultation"})


def kind_of(thing: Object) -> str:
    """The kind that ``type`` names."""
    return str(thing["type"]).rpartition("/")[2]


def full(thing: Object, objects: Objects) -> Object:
    """An object as it answers under its own URL and in lists: parts embedded, with its back references."""
    if thing.get("deleted"):
        return thing
    parts = EMBEDDED.get(kind_of(thing), ())
    return {name: _embed(value, objects) if name in parts else value for name, value in thing.items()}


def _embed(value: Any, objects: Objects) -> Any:
    if isinstance(value, list):
        return [_inner(objects[url], objects) for url in value]
    return _inner(objects[value], objects)


def _inner(thing: Object, objects: Objects) -> Object:
    back = BACK.get(kind_of(thing), ())
    return {name: value for name, value in full(thing, objects).items() if name not in back}


def brief(kind: str, thing: Object) -> Object:
    """An object in a list that was asked for with ``omit_internal=true``."""
    return {name: value for name, value in thing.items() if name not in INTERNAL_LISTS.get(kind, ())}


def as_1_0(thing: Object) -> Object:
    """The same object in OParl 1.0."""
    kind = kind_of(thing)
    names = _OLD_NAMES.get(kind, {})
    new = _NEW.get(kind, ())
    old = {names.get(name, name): value for name, value in thing.items() if name not in new}
    return old | {"type": f"{SCHEMA}/1.0/{kind}"}
