"""CreateObservations: many Observations in one request (clause 13.2)."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.entities import observed, summarise, summary_of, times_of
from conformance.reference.sensorthings.interest import feature_for
from conformance.reference.sensorthings.model import KINDS, SERIES, Ref
from conformance.reference.sensorthings.problems import Problem, bad
from conformance.reference.sensorthings.relating import bound, fits
from conformance.reference.sensorthings.store import Record, Store, encoded
from conformance.reference.sensorthings.summaries import merged
from conformance.reference.sensorthings.validate import checked

_KIND = KINDS["Observations"]
_FEATURE = ("FeatureOfInterest/id", "FeatureOfInterest/@iot.id")
_IGNORED = ("id", "@iot.id")
_INSERT = (
    "INSERT INTO observations (id, body, datastream, multi_datastream, feature, begins, ends, result_at)"
    " VALUES (:id, :body, :datastream, :multi_datastream, :feature, :begins, :ends, :result_at)"
)


def create(store: Store, groups: Any, changes: Changes) -> list[int | str]:
    """Create the Observations of all groups; the key of each in order, or what was wrong with it."""
    if not isinstance(groups, list):
        raise bad("CreateObservations takes an array with one object for each Datastream.")
    rows = _Rows(store, changes)
    for group in groups:
        rows.add(_Group(store, group))
    return rows.stored()


class _Group:
    """The Observations of one Datastream or MultiDatastream."""

    def __init__(self, store: Store, data: Any) -> None:
        if not isinstance(data, dict):
            raise bad(
                "Each element of CreateObservations is an object with Datastream, components and dataArray."
            )
        self.components = _components(data.get("components"))
        rows = data.get("dataArray")
        if not isinstance(rows, list):
            raise bad("dataArray is an array of arrays.")
        self.rows: list[Any] = rows
        self.series: Record | None = None
        self.wrong = ""
        try:
            self.series = _series(store, data)
        except Problem as problem:
            self.wrong = f"error: {problem.message}"

    def values(self) -> Iterator[dict[str, Any] | str]:
        """The properties of each Observation, with its FeatureOfInterest; or what is wrong with the row."""
        width = len(self.components)
        for row in self.rows:
            if not isinstance(row, list) or len(row) != width:
                yield f"error: a row has {width} elements, as components has."
            else:
                yield dict(zip(self.components, row, strict=True))


def _components(given: Any) -> list[str]:
    names: list[Any] = given if isinstance(given, list) else []
    if not {"phenomenonTime", "result"} <= {*map(str, names)}:
        raise bad("components is an array of property names, among them phenomenonTime and result.")
    known = {*_KIND.properties, *_FEATURE, *_IGNORED}
    for name in names:
        if name not in known:
            raise bad(f"An Observation has no {name!r}; components may be {', '.join(sorted(known))}.")
    if len(set(names)) != len(names):
        raise bad("A component is named twice.")
    return names


def _series(store: Store, data: Mapping[str, Any]) -> Record:
    """The Datastream or MultiDatastream that is named."""
    named = [kind for kind in SERIES if KINDS[kind].single in data]
    if len(named) != 1:
        raise bad("Either a Datastream or a MultiDatastream is named.")
    single = KINDS[named[0]].single
    link = _KIND.links[single]
    found = store.get(link.target, bound(store, link, data[single]))
    assert found is not None  # noqa: S101 - it was found when it was bound
    return found


class _Rows:
    """Observations on their way into the store."""

    def __init__(self, store: Store, changes: Changes) -> None:
        self._store = store
        self._changes = changes
        self._next = self._last() + 1
        self._inserts: list[dict[str, Any]] = []
        self._answers: list[int | str] = []
        self._seen: dict[Ref, dict[str, Any]] = {}
        self._features: dict[Any, int] = {}
        self._boxes: dict[tuple[Ref, int], bool] = {}

    def _last(self) -> int:
        statement = "SELECT seq FROM sqlite_sequence WHERE name = 'observations'"
        found = self._store.execute(statement).fetchone()
        return int(found[0]) if found else 0

    def add(self, group: _Group) -> None:
        """Take in the rows of a group."""
        for values in group.values():
            if group.series is None or isinstance(values, str):
                self._answers.append(values if isinstance(values, str) else group.wrong)
                continue
            try:
                self._answers.append(self._row(group.series, values))
            except Problem as problem:
                self._answers.append(f"error: {problem.message}")

    def _row(self, series: Record, values: dict[str, Any]) -> int:
        feature = self._feature(series, values)
        body = checked(_KIND, values)
        fits(series, body.get("result"))
        key = self._next
        plain = series.kind == SERIES[0]
        row = {
            "id": key,
            "body": encoded(body),
            "datastream": series.key if plain else None,
            "multi_datastream": None if plain else series.key,
            "feature": feature,
            **observed(body),
        }
        self._next += 1
        self._inserts.append(row)
        merged(self._seen.setdefault((series.kind, series.key), {}), self._summary(series, row))
        return key

    def _summary(self, series: Record, row: dict[str, Any]) -> dict[str, Any]:
        """What a row adds to the summary of its series; the area only once for each FeatureOfInterest."""
        place = ((series.kind, series.key), row["feature"])
        if place not in self._boxes:
            self._boxes[place] = True
            return summary_of(self._store, row)
        begins, ends, result_begins, result_ends = times_of(row)
        return {"begins": begins, "ends": ends, "result_begins": result_begins, "result_ends": result_ends}

    def _feature(self, series: Record, values: dict[str, Any]) -> int:
        named = next((values.pop(name) for name in _FEATURE if values.get(name) is not None), None)
        for name in (*_FEATURE, *_IGNORED):
            values.pop(name, None)
        asked = ("made", series.columns["thing"]) if named is None else ("named", named)
        if not isinstance(named, str | int | None):
            raise bad("FeatureOfInterest/id is an id.")
        found = self._features.get(asked)
        if found is None:
            found = self._found(series, named)
            self._features[asked] = found
        return found

    def _found(self, series: Record, named: Any) -> int:
        if named is None:
            return feature_for(self._store, series, self._changes)
        return bound(self._store, _KIND.links["FeatureOfInterest"], {"@iot.id": named})

    def stored(self) -> list[int | str]:
        """Write everything in one go."""
        self._store.connection.executemany(_INSERT, self._inserts)
        for row in self._inserts:
            self._changes.created("Observations", row["id"])
        self._changes.summarised(summarise(self._store, self._seen))
        return self._answers
