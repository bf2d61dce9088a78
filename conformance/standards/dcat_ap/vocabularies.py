"""The value lists that DCAT-AP settles, as pinned copies, and how a value stands to them.

A copy that may be older than the list itself decides nothing about values it does not know: they are neither
right nor wrong. A list that the text itself enumerates, or that was closed for good, is ``frozen``: what is not
in it does not exist. Values outside the namespace of a list are not from it in any case.

A run takes newer editions of the user where there are some (``conformance vocab``). They are part of its evidence,
so that the verdicts are computed again with the same lists anywhere and at any time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from conformance.checks import Unavailable, observation
from conformance.engines.graphs.terms import Term, string_of
from conformance.model import VOCABULARY_ROOT, Annex, FaultOwner, Text, say
from conformance.session.http import Http


class Standing(Enum):
    """Whether a value is in a list; unknown: it may be in a newer edition than the copy."""

    MEMBER = "member"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A list of values. ``date``: of this copy, "" if it names none; ``instead_of``: what people write for what.

    ``own``: an edition of the user; ``sha256``: of the file; ``plain``: values by what they look like without case,
    hyphens and the like; ``alike``: the same for what people write.
    """

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
    sha256: str = ""
    own: bool = False
    plain: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    alike: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

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
        ends.append(_SCHEME.sub("", written))
        for end in ends:
            found = self.instead_of.get(end) or self.plain.get(_plain(end)) or self.alike.get(_plain(end))
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
        return name in self.instead_of or _plain(name) in self.plain

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


_SCHEME = re.compile(r"^https?://(www\.)?")
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


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """The lists that count in a run: those of the user, and for all other names the ones that ship with the suite."""

    own: Mapping[str, Vocabulary] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Vocabulary:
        return self.own.get(name) or vocabulary(name)

    def every(self) -> tuple[Vocabulary, ...]:
        """All lists, sorted by name."""
        return tuple(self[name] for name in shipped_names())


@observation()
def value_lists(http: Http) -> Lists:
    """The lists that count in this run; unavailable if one of the user's own is not readable."""
    found = [_of_user(http, address) for address in http.vocabulary_files]
    return Lists({one.name: one for one in found})


def _of_user(http: Http, address: str) -> Vocabulary:
    name = unquote(address.removeprefix(VOCABULARY_ROOT)).removesuffix(".json")
    response = http.look(address).response
    try:
        return read_list(name, response.body if response else b"", own=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        told = say(
            "Die eigene Werteliste {n} ist nicht lesbar. Mit „conformance vocab update“ neu erzeugen und neu prüfen.",
            "The own value list {n} cannot be read. Make it again with `conformance vocab update` and test again.",
            n=name,
        )
        raise Unavailable(told, FaultOwner.CONFIGURATION) from error


@lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """The names of all lists that ship with the suite."""
    names = (file.name for file in files(__package__).joinpath("vocabularies").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@lru_cache(maxsize=64)
def vocabulary(name: str) -> Vocabulary:
    """The pinned copy of a list that ships with the suite."""
    return read_list(name, files(__package__).joinpath("vocabularies", f"{name}.json").read_bytes())


def read_list(name: str, content: bytes, *, own: bool = False) -> Vocabulary:
    """A list from its file; raises ValueError or LookupError if it is none."""
    data: dict[str, Any] = json.loads(content)
    values, written = frozenset(data["values"]), data.get("instead_of", {})
    return Vocabulary(
        name=name,
        scheme=data["scheme"],
        namespaces=(data["namespace"], *data.get("also", ())),
        source=data["source"],
        date=data["date"],
        licence=data["licence"],
        complete=data["complete"],
        frozen=data["frozen"],
        values=values,
        instead_of=MappingProxyType(written),
        sha256=sha256(content).hexdigest(),
        own=own,
        plain=MappingProxyType({_plain(one): one for one in sorted(values)}),
        alike=MappingProxyType({_plain(one): written[one] for one in sorted(written)}),
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


# --- which lists counted --------------------------------------------------------------------------


@observation()
def annex_value_lists(value_lists: Lists) -> Annex:
    """Which edition of every list counted in this run."""
    rows = tuple(
        (one.name, _OWN if one.own else _SHIPPED, len(one.values), one.date or "–", one.sha256, one.source)
        for one in value_lists.every()
    )
    return Annex("value-lists", _LISTS, _LISTS_INTRO, _LISTS_COLUMNS, rows)


_OWN, _SHIPPED = say("eigene", "own"), say("mitgeliefert", "shipped")
_LISTS = say("Wertelisten dieses Laufs", "Value lists of this run")
_LISTS_INTRO = say(
    "Die Ausgaben, nach denen geurteilt wurde. Werte, die eine Liste nicht kennt, bleiben unentschieden, wenn es eine "
    "neuere Ausgabe geben kann; „conformance vocab update“ übernimmt sie. Eigene Listen liegen bei den Nachweisen.",
    "The editions that the verdicts follow. Values that a list does not know stay undecided if there may be a newer "
    "edition; `conformance vocab update` takes it over. Own lists lie with the evidence.",
)
_LISTS_COLUMNS = (
    say("Liste", "list"),
    say("Herkunft", "origin"),
    say("Werte", "values"),
    say("Stand", "date"),
    say("SHA-256", "SHA-256"),
    say("Quelle", "source"),
)
