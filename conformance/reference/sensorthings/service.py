"""Services over fresh data: in memory from one snapshot, or over a file."""

from functools import lru_cache
from pathlib import Path

from conformance.reference.sensorthings.app import Service
from conformance.reference.sensorthings.data import fill
from conformance.reference.sensorthings.ids import Numbers, ids_in
from conformance.reference.sensorthings.model import KINDS, Ref
from conformance.reference.sensorthings.store import Record, Store

MEMORY = ":memory:"
ENDPOINT = "mqtt://musterstadt.example:1883"


def application(
    store: str | Path = MEMORY,
    *,
    ids: str = "number",
    size: int = 25,
    most: int = 100,
    seeded: bool | None = None,
    endpoints: tuple[str, ...] = (ENDPOINT,),
) -> Service:
    """The service as a WSGI callable, with fresh data each time.

    ``store``: a file that keeps its content; new ones are empty unless ``seeded``. ``ids``: "number", "text" or
    "uuid". ``size``: entities per page without $top, ``most``: with any $top. ``endpoints``: where MQTT is offered.
    """
    style = ids_in(ids)
    path = str(store)
    if path == MEMORY:
        return Service(_copy(style, ids, seeded is not False), size, most, endpoints)
    kept = Store(path, style)
    kept.create()
    if seeded and not any(kept.count(kind) for kind in KINDS):
        fill(kept)
    return Service(kept, size, most, endpoints)


def _copy(style: Numbers, ids: str, seeded: bool) -> Store:
    image, cache = _image(ids, seeded)
    store = Store(MEMORY, style)
    store.connection.deserialize(image)
    store.cache.update(cache)
    return store


@lru_cache(maxsize=8)
def _image(ids: str, seeded: bool) -> tuple[bytes, dict[Ref, Record]]:
    """The database in which everything begins, and its entities decoded; made once per process."""
    store = Store(MEMORY, ids_in(ids))
    store.create()
    if seeded:
        fill(store)
    for kind in KINDS:
        for record in store.select(kind, ""):
            store.get(kind, record.key)
    image = store.connection.serialize()
    cache = dict(store.cache)
    for record in cache.values():
        _ = record.body
    store.close()
    return image, cache
