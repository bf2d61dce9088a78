"""The value lists that DCAT-AP settles, as pinned copies, and how a value stands to them.

A copy that may be older than the list itself decides nothing about values it does not know: they are neither
right nor wrong. A list that the text itself enumerates, or that was closed for good, is ``frozen``: what is not
in it does not exist. Values outside the namespace of a list are not from it in any case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from conformance.engines.graphs.terms import Term, string_of
from conformance.model import Text, say


class Standing(Enum):
    """Whether a value is in a list; unknown: it may be in a newer edition than the copy."""

    MEMBER = "member"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A list of values. ``date``: of this copy, "" if it names none; ``instead_of``: what people write for what."""

    name: str
    scheme: str
    namespaces: tuple[str, ...]
    source: str
    date: str
    licence: str
    complete: bool
    frozen: bool
    values: frozenset[str]
    instead_of: Mapping[str, str]

    def standing(self, value: Term) -> Standing:
        """How a value stands to the list."""
        name = self._name(string_of(value))
        if name is None:
            return Standing.FOREIGN
        if name in self.values:
            return Standing.MEMBER
        return Standing.FOREIGN if self.frozen or self._never(name) else Standing.UNKNOWN

    def meant(self, value: Term) -> str:
        """The entry that was probably meant by a value that is not in the list; "" if nobody can say."""
        written = string_of(value)
        ends = [self._stripped(written)]
        ends += [written[len(space) :] for space in self.namespaces if written.startswith(space)]
        plain = {_plain(one): one for one in self.values}
        for end in ends:
            found = self.instead_of.get(end) or plain.get(_plain(end))
            if found:
                return self.namespaces[0] + found
        return ""

    def _name(self, value: str) -> str | None:
        """What stands after the namespace of the list; None if the value is not in it."""
        for space in self.namespaces:
            if value.startswith(space):
                return value[len(space) :]
        return None

    def _never(self, name: str) -> bool:
        """Whether no edition can have such an entry: what people write for others, or another spelling of one."""
        if self.name == "media-type" and _no_media_type(name):
            return True
        return name in self.instead_of or _plain(name) in _plain_values(self.name)

    def _stripped(self, value: str) -> str:
        """The end of an address that is the namespace but for scheme, host prefix or path of older times."""
        for space in self.namespaces:
            tail = space.rstrip("/#").rsplit("/", 1)[-1]
            for mark in (f"/{tail}/", f"/{tail}#", f"#{tail}"):
                if mark in value and mark != "//":
                    return value.rsplit(mark, 1)[-1]
        return value


def _plain(name: str) -> str:
    """A name without what is easily mistaken: case, blanks, hyphens, a slash at the end."""
    return name.strip().strip("/").lower().replace("-", "_").replace(" ", "_")


@lru_cache(maxsize=32)
def _plain_values(name: str) -> frozenset[str]:
    return frozenset(_plain(one) for one in vocabulary(name).values)


_TOP_LEVELS = frozenset(
    {
        "application",
        "audio",
        "example",
        "font",
        "haptics",
        "image",
        "message",
        "model",
        "multipart",
        "text",
        "video",
    }
)


def _no_media_type(name: str) -> bool:
    """Whether a name can be in no edition of the register: another top-level type, or an unregistered tree.

    Names that begin with x- are never registered since RFC 6838 (section 3.4); the few older ones are in the copy.
    """
    top, slash, rest = name.partition("/")
    return not slash or top not in _TOP_LEVELS or not rest or "/" in rest or rest.startswith(("x-", "x."))


@lru_cache(maxsize=32)
def vocabulary(name: str) -> Vocabulary:
    """The pinned copy of a list."""
    text = files(__package__).joinpath("vocabularies", f"{name}.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return Vocabulary(
        name=name,
        scheme=data["scheme"],
        namespaces=(data["namespace"], *data.get("also", ())),
        source=data["source"],
        date=data["date"],
        licence=data["licence"],
        complete=data["complete"],
        frozen=data["frozen"],
        values=frozenset(data["values"]),
        instead_of=MappingProxyType(data.get("instead_of", {})),
    )


def expected(lists: tuple[Vocabulary, ...], value: Term | None) -> Text:
    """What should stand there, with the entry probably meant."""
    schemes = ", ".join(one.scheme for one in lists)
    meant = next((found for one in lists if value is not None and (found := one.meant(value))), "")
    if meant:
        return say("ein Eintrag aus {s}, vermutlich {m}", "an entry of {s}, probably {m}", s=schemes, m=meant)
    return say("ein Eintrag aus {s}", "an entry of {s}", s=schemes)


def too_old(lists: tuple[Vocabulary, ...], count: int, example: str) -> Text:
    """Why values could not be decided: the copy of the list does not know them."""
    dates = ", ".join(f"{one.name} {one.date or '–'}" for one in lists)
    return say(
        "{n} Werte wie {e} kennt die hinterlegte Liste nicht (Stand: {d}); es können neuere Einträge sein.",
        "The list kept here does not know {n} values such as {e} (state: {d}); they may be newer entries.",
        n=count,
        e=example,
        d=dates,
    )
