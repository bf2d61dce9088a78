"""Any number of further papers, each with a file and a consultation, made up when somebody asks for them.

For benchmarks: nothing is kept but numbers, so that a platform of 100,000 papers needs no more memory than a
small one. All of them are older than the objects of :mod:`data` and follow each other in time as in number.
"""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from conformance.reference.oparl.data import file_object, path_of
from conformance.reference.oparl.documents import TEXT, Document
from conformance.reference.oparl.model import BACK, SCHEMA, Object
from conformance.reference.oparl.query import ListQuery
from conformance.reference.oparl.times import german

KINDS = ("Paper", "File", "Consultation")
FIRST = 1001  # number of the first generated object of each kind
PAGE_SIZE = 100

_BEGIN = int(datetime(2005, 1, 3, 7, tzinfo=UTC).timestamp())
_SPAN = 9 * 365 * 86_400  # the last one is made in 2013
_SINGLE = re.compile(r"@/body/1/(paper|file|consultation)/([1-9]\d*)", re.ASCII)
_STORED = re.compile(r"@/body/1/file/([1-9]\d*)/(content|download)", re.ASCII)
_TYPES = ("Antrag", "Anfrage", "Beschlussvorlage", "Mitteilung", "Bericht")


@dataclass(frozen=True, slots=True)
class Generated:
    """``size`` objects of one kind, known by their index from 0."""

    kind: str
    size: int

    def moments(self, index: int) -> tuple[int, int]:
        """When an object was made and when it was changed: most at once, every fifth a year later."""
        made = _BEGIN + index * (_SPAN // self.size)
        return made, made + (365 * 86_400 if index % 5 == 4 else 0)

    def select(self, query: ListQuery) -> Sequence[int]:
        """The indices that the filters let through."""
        if not query.selects:
            return range(self.size)
        return _selected(self, query.created, query.modified)

    def index(self, number: int) -> int | None:
        """The index of an object's number; None if there is no such object."""
        return number - FIRST if FIRST <= number < FIRST + self.size else None

    def made(self, index: int) -> Object:
        """An object as it answers under its own URL."""
        return _MAKERS[self.kind](self, FIRST + index, index)


def object_at(size: int, url: str) -> Object | None:
    """The generated object of an id."""
    match = _SINGLE.fullmatch(url)
    if match is None:
        return None
    every = Generated(match[1].capitalize(), size)
    index = every.index(int(match[2]))
    return None if index is None else every.made(index)


def document_at(size: int, url: str) -> tuple[Document, bool] | None:
    """The generated file of an address, and whether it is the one for downloads."""
    match = _STORED.fullmatch(url)
    every = Generated("File", size)
    index = every.index(int(match[1])) if match else None
    if match is None or index is None:
        return None
    return _document(every, FIRST + index, index), match[2] == "download"


@lru_cache(maxsize=8)
def _selected(
    every: Generated, created: tuple[int | None, int | None], modified: tuple[int | None, int | None]
) -> Sequence[int]:
    query = ListQuery((), created, modified, None, omit_internal=False, page=1)
    fits = (index for index in range(every.size) if query.fits(*every.moments(index), deleted=False))
    return array("L", fits)


@lru_cache(maxsize=1024)
def _moments(every: Generated, index: int) -> tuple[str, str]:
    made, changed = every.moments(index)
    return german(made), german(changed)


def _head(every: Generated, number: int, index: int) -> Object:
    made, changed = _moments(every, index)
    return {
        "id": path_of(every.kind, number),
        "type": f"{SCHEMA}/1.1/{every.kind}",
        "created": made,
        "modified": changed,
    }


def _paper(every: Generated, number: int, index: int) -> Object:
    made, _ = _moments(every, index)
    parts: dict[str, Any] = {
        kind: {
            name: value
            for name, value in Generated(kind, every.size).made(index).items()
            if name not in BACK[kind]
        }
        for kind in ("File", "Consultation")
    }
    return _head(every, number, index) | {
        "body": "@/body/1",
        "name": f"Vorgang {number} der Stadt Grünfurt",
        "reference": f"ALT/{number}/{made[:4]}",
        "date": made[:10],
        "paperType": _TYPES[index % len(_TYPES)],
        "mainFile": parts["File"],
        "originatorPerson": [path_of("Person", 1 + index % 6)],
        "consultation": [parts["Consultation"]],
        "web": f"~/ris/body/1/paper/{number}",
    }


def _document(every: Generated, number: int, index: int) -> Document:
    text = f"Vorgang {number}: Text der Vorlage für die Sitzung."
    return Document(f"vorgang-{number}.txt", TEXT, text.encode(), _moments(every, index)[1])


def _file(every: Generated, number: int, index: int) -> Object:
    document = _document(every, number, index)
    thing = file_object(path_of("File", number), document, f"Vorgang {number}", document.content.decode())
    return thing | _head(every, number, index) | {"paper": [path_of("Paper", number)]}


def _consultation(every: Generated, number: int, index: int) -> Object:
    return _head(every, number, index) | {
        "paper": path_of("Paper", number),
        "organization": [path_of("Organization", 1 + index % 2)],
        "authoritative": index % 2 == 0,
        "role": "Entscheidung" if index % 2 == 0 else "Vorberatung",
    }


_MAKERS = {"Paper": _paper, "File": _file, "Consultation": _consultation}
