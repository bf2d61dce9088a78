"""The FeatureOfInterest that follows from where a Thing is (create-entity, special case 1)."""

from typing import Any

from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.entities import put
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.problems import bad
from conformance.reference.sensorthings.store import Record, Store


def feature_for(store: Store, series: Record, changes: Changes) -> int:
    """The FeatureOfInterest made from the Location of the Thing of a series; made now if there is none yet."""
    thing = store.get("Things", series.columns["thing"])
    places = list(store.related(thing, KINDS["Things"].links["Locations"])) if thing is not None else []
    if not places:
        raise bad("The Observation needs a FeatureOfInterest: the Thing has no Location to make one from.")
    place = min(places, key=lambda each: "geo+json" not in each.body["encodingType"])
    found = store.execute("SELECT feature FROM generated WHERE location = ?", (place.key,)).fetchone()
    return int(found[0]) if found else _made(store, place, changes)


def _made(store: Store, place: Record, changes: Changes) -> int:
    body: dict[str, Any] = {name: place.body[name] for name in ("name", "description", "encodingType")}
    body["feature"] = place.body["location"]
    key = put(store, "FeaturesOfInterest", body, {})
    store.execute("INSERT OR REPLACE INTO generated (location, feature) VALUES (?, ?)", (place.key, key))
    changes.created("FeaturesOfInterest", key)
    return key


def moved(store: Store, location: int) -> None:
    """A Location is changed: the FeatureOfInterest that was made from it is no longer the same place."""
    store.execute("DELETE FROM generated WHERE location = ?", (location,))
