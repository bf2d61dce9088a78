"""Moving features: through Part 4, through a GeoPackage, and what careless loaders lose on the way."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import UsageError
from conformance.exit.archive import Archive
from conformance.exit.canaries import canaries, canary_entities
from conformance.exit.compare import Comparison, compare
from conformance.exit.domains import domain_of
from conformance.exit.extract import extract
from conformance.exit.features.geopackage import GeoPackage, write_geopackage
from conformance.exit.jsontext import decode, encode
from conformance.exit.load import Loaded, load, unload
from conformance.exit.losses import CHANGED, NULL_MISSING, TYPE_CHANGED, Loss, read_losses
from conformance.exit.readings import reading
from conformance.exit.rehearse import End, Options, rehearse
from conformance.exit.wire import Wire
from conformance.model import Exchange, Request, Response, Subject
from conformance.reference.features import FeatureStore
from conformance.session import failures
from conformance.session.adapter import Adapter
from conformance.session.wsgi import WsgiAdapter

A, B = "https://a.example", "https://b.example"
DOMAIN = domain_of("features")
READING = reading("features")


def wire(store: FeatureStore | Adapter, base: str = A) -> Wire:
    adapter = store if isinstance(store, Adapter) else WsgiAdapter(store)
    return Wire(adapter, base, allow_write=True, sleep=lambda _: None)


def feature(number: int, **properties: Any) -> str:
    point = {"type": "Point", "coordinates": [7 + number / 100, 51.5]}
    return json.dumps({"type": "Feature", "id": f"n{number}", "geometry": point, "properties": properties})


def archive_of(folder: Path, *texts: str, kind: str = "trees") -> Archive:
    return extract(wire(FeatureStore({kind: texts})), DOMAIN, folder, page_size=7)


def compared(folder: Path, ours: Archive, theirs: Archive) -> Comparison:
    return compare(READING.export(ours), READING.export(theirs), folder, identity="ids")


def losses(comparison: Comparison) -> list[Loss]:
    return [*read_losses(comparison.ledger.path)]


# --- what is read ---------------------------------------------------------------------------------


def test_every_page_is_read_and_numbers_keep_their_spelling(tmp_path: Path) -> None:
    texts = [feature(n, x=n).replace(f'"x": {n}', f'"x": {n}.10') for n in range(20)]
    archive = archive_of(tmp_path / "a", *texts)
    assert archive.complete
    assert archive.of("trees")["pages"] == 3
    assert [e["properties"]["x"] for e in archive.entities("trees")] == [
        Decimal(f"{n}.10") for n in range(20)
    ]


def test_features_without_id_are_known_by_what_they_say(tmp_path: Path) -> None:
    texts = ['{"type": "Feature", "geometry": null, "properties": {"a": %d}}' % n for n in (1, 2, 2)]  # noqa: UP031
    archive = archive_of(tmp_path / "a", *texts)
    assert archive.count("trees") == 2
    assert archive.of("trees")["repeated"] == 1
    assert not archive.complete


@pytest.mark.parametrize("collection", ["Bäume & Straßen", "a b", "007"])
def test_collections_of_any_name_are_moved(tmp_path: Path, collection: str) -> None:
    archive = archive_of(tmp_path / "a", feature(1), kind=collection)
    target = wire(FeatureStore({collection: ()}), B)
    assert load(archive, target, DOMAIN, tmp_path / "l").everything
    assert extract(target, DOMAIN, tmp_path / "b").count(collection) == 1


# --- Part 4 ---------------------------------------------------------------------------------------


def rehearsed(tmp_path: Path, target: FeatureStore | Adapter, texts: Iterator[str] | None = None) -> Any:
    own = texts or (encode(entity) for _, entity in canary_entities("features"))
    ends = []
    for name, base, store in (("A", A, FeatureStore({"canaries": own})), ("B", B, target)):
        subject = Subject(name=name, url=base, sandbox=True)
        ends.append(End(subject, wire(store, base)))
    return rehearse(ends[0], ends[1], DOMAIN, tmp_path / "rehearsal", Options())


def test_canaries_survive_part_4_between_two_stores(tmp_path: Path) -> None:
    done = rehearsed(tmp_path, FeatureStore({"canaries": ()}))
    assert losses(done.comparison) == []
    assert done.loaded.load_path == "part-4"
    assert {name for name, metric in done.comparison.metrics.items() if metric.holds} >= {
        "L_ent",
        "L_prop",
        "G_max",
    }
    assert all(each.same for each in done.replayed)
    assert len(done.replayed) == 6


class Meddling(FeatureStore):
    """A receiving system that gives every feature an id of its own and rounds what it is given."""

    def _create(self, name: str, text: str, feature: Any, base: str) -> Any:
        kept = {n: v for n, v in feature.items() if n != "id"}
        rounded = json.loads(json.dumps(kept), parse_float=lambda number: round(float(number), 6))
        return super()._create(name, json.dumps(rounded), rounded, base)


def test_what_the_receiving_system_changes_is_told_as_its_own(tmp_path: Path) -> None:
    texts = (feature(n, x=0.12345678 + n, ok=True) for n in range(3))
    done = rehearsed(tmp_path, Meddling({"canaries": ()}), texts)
    found = losses(done.comparison)
    assert {(each.path, each.loss, each.owner) for each in found if each.gates} >= {
        ("/properties/x", CHANGED, "receiving-system")
    }
    assert not [each for each in found if each.owner == "unexplained"]
    assert done.comparison.metrics["L_id"].value == 1
    assert done.comparison.metrics["L_ent"].value == 0


def test_without_part_4_or_collection_nothing_is_sent_and_the_reason_is_told(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a", feature(1), feature(2))
    for number, (store, word) in enumerate(
        [(FeatureStore({"trees": ()}, writable=False), "GeoPackage"), (FeatureStore({"other": ()}), "trees")]
    ):
        loaded = load(archive, wire(store, B), DOMAIN, tmp_path / f"l{number}")
        assert [(each.blocked, each.confirmed) for each in loaded.kinds] == [(2, 0)]
        assert word in loaded.notes[0]["de"]


class Faulty(Adapter):
    """A way to a store on which the n-th POST goes wrong: refused, or carried out and never answered."""

    def __init__(self, store: FeatureStore, wrong: Callable[[int], Response | str | None]) -> None:
        super().__init__()
        self._inner, self._wrong, self.posts = WsgiAdapter(store), wrong, 0

    def exchange(self, request: Request) -> Exchange:
        if request.method != "POST":
            return self._inner.exchange(request)
        self.posts += 1
        wrong = self._wrong(self.posts)
        if isinstance(wrong, Response):
            return Exchange(request, wrong, None, "2026-11-22T00:00:00.000Z", 0.0)
        done = self._inner.exchange(request)
        return done if wrong is None else Exchange(request, None, failures.injected(wrong), done.sent, 0.0)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_one_refused_feature_stops_no_other(tmp_path: Path, status: int) -> None:
    archive = archive_of(tmp_path / "a", *(feature(n) for n in range(20)))
    refusal = Response(status, "No", (("Content-Type", "application/json"),), b'{"code": "kein Baum"}')
    target = wire(Faulty(FeatureStore({"trees": ()}), lambda n: refusal if n == 7 else None), B)
    loaded = load(archive, target, DOMAIN, tmp_path / "l")
    assert [(each.confirmed, each.rejected) for each in loaded.kinds] == [(19, 1)]
    assert "kein Baum" in loaded.notes[0]["de"]


@pytest.mark.parametrize("keeps_ids", [True, False])
def test_a_lost_answer_loads_nothing_twice(tmp_path: Path, keeps_ids: bool) -> None:
    archive = archive_of(tmp_path / "a", *(feature(n, name=f"Baum {n}") for n in range(12)))
    store = (FeatureStore if keeps_ids else Meddling)({"trees": ()})
    loaded: Loaded = load(
        archive, wire(Faulty(store, lambda n: "timeout" if n % 5 == 0 else None), B), DOMAIN, tmp_path / "l"
    )
    assert loaded.everything
    assert extract(wire(store, B), DOMAIN, tmp_path / "b").count("trees") == 12


def test_what_was_loaded_is_taken_back_and_nothing_else(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a", feature(1), feature(2))
    store = FeatureStore({"trees": [feature(9)]})
    target = wire(store, B)
    with pytest.raises(UsageError, match="not empty"):
        load(archive, target, DOMAIN, tmp_path / "l")
    load(archive, target, DOMAIN, tmp_path / "l2", into_nonempty=True)
    assert unload(tmp_path / "l2", target, DOMAIN) == {"trees": 2}
    left = extract(target, DOMAIN, tmp_path / "b")
    assert [each["id"] for each in left.entities("trees")] == ["n9"]


# --- GeoPackage -----------------------------------------------------------------------------------

numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=20) | st.floats(
    allow_nan=False, allow_infinity=False
).map(lambda number: Decimal(repr(number)))  # fmt: skip
texts = st.text(max_size=12) | st.sampled_from(
    ["1e3", "true", "2026-10-25T02:30:00.123+02:00", "\ud800", "a\0b"]
)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
names = st.sampled_from(["name", "Name", "fid", "geom", "feature_id", "größe m²", 'a"b', "", "x;y"]) | texts
degrees = st.floats(-179, 179).map(lambda number: Decimal(repr(number)))
flat, high = st.tuples(degrees, degrees).map(list), st.tuples(degrees, degrees, degrees).map(list)
points = (flat | high).map(lambda position: {"type": "Point", "coordinates": position})
lines = st.lists(flat, min_size=2, max_size=4).map(lambda way: {"type": "LineString", "coordinates": way})
odd = st.sampled_from(
    [
        {"type": "Point", "coordinates": []},
        {"type": "Polygon", "coordinates": []},
        {"type": "LineString", "coordinates": [[1, 2], [3, 4, 5]]},
        {"type": "Point", "coordinates": [1, 2, 3, 4]},
        {"type": "Point", "coordinates": [Decimal("7.1234567890123456789"), 51]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
        {"type": "Point", "coordinates": [1, 2], "bbox": [1, 2, 1, 2]},
        {"type": "Unknown"},
        "no geometry",
    ]
)
collected = st.lists(points | lines, max_size=3).map(
    lambda inner: {"type": "GeometryCollection", "geometries": inner}
)
geometries = st.none() | points | lines | collected | odd
more = st.dictionaries(st.sampled_from(["title", "bbox", "conformsTo"]), values, max_size=2)
features = st.builds(
    lambda geometry, properties, others: {
        "type": "Feature",
        "geometry": geometry,
        "properties": properties,
        **others,
    },
    geometries,
    st.none() | st.dictionaries(names, values, max_size=4),
    more,
)


def direct_archive(folder: Path, kind: str, entities: list[dict[str, Any]]) -> Archive:
    """An archive made without a service, for features that none would give out."""
    (folder / "entities").mkdir(parents=True)
    lines_ = "".join(encode(each) + "\n" for each in entities)
    (folder / "entities" / "k.ndjson").write_text(lines_, encoding="utf-8", newline="\n")
    told = {"kind": kind, "announced": len(entities), "extracted": len(entities), "file": "entities/k.ndjson"}
    return Archive(folder, {"standard": "features", "kinds": [told]})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(st.lists(features, max_size=5))
def test_a_geopackage_gives_back_what_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, made: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    entities = [{**each, "id": number if number % 2 else f"{number}"} for number, each in enumerate(made, 1)]
    archive = direct_archive(folder / "a", "Bäume", entities)
    write_geopackage(archive, folder / "x.gpkg")
    with GeoPackage(folder / "x.gpkg") as package:
        assert package.collections == ("Bäume",)
        back = direct_archive(folder / "b", "Bäume", [decode(text) for text in package.features("Bäume")])
    found = losses(compared(folder / "c", archive, back))
    assert [(each.path, each.before, each.after) for each in found] == []


def test_the_canaries_survive_a_geopackage(tmp_path: Path) -> None:
    archive = archive_of(
        tmp_path / "a", *(encode(e) for _, e in canary_entities("features")), kind="canaries"
    )
    assert archive.count("canaries") >= len(canaries("features"))
    write_geopackage(archive, tmp_path / "x.gpkg")
    with GeoPackage(tmp_path / "x.gpkg") as package:
        store = FeatureStore({kind: package.features(kind) for kind in package.collections})
    back = extract(wire(store, B), DOMAIN, tmp_path / "b")
    assert losses(compared(tmp_path / "c", archive, back)) == []


def test_columns_are_plain_where_they_can_be(tmp_path: Path) -> None:
    archive = archive_of(
        tmp_path / "a", feature(1, n=1, f=1.5, t="x", b=True, j=[1]), feature(2, n=2, f=0.1, t="y", b=False)
    )
    write_geopackage(archive, tmp_path / "x.gpkg")
    with closing(sqlite3.connect(tmp_path / "x.gpkg")) as db:
        types = {row[1]: row[2] for row in db.execute("PRAGMA table_info(trees_1)")}
        box = db.execute("SELECT min_x, max_x, srs_id FROM gpkg_contents").fetchone()
        assert db.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT n, f, t, b, j FROM trees_1").fetchall() == [
            (1, 1.5, "x", 1, "[1]"),
            (2, 0.1, "y", 0, None),
        ]
    assert box == (7.01, 7.02, 4326)
    assert {name: types[name] for name in "nftbj"} == {
        "n": "INTEGER", "f": "REAL", "t": "TEXT", "b": "BOOLEAN", "j": "TEXT",
    }  # fmt: skip


def test_what_is_no_archive_of_features_or_no_geopackage_is_refused(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a", feature(1))
    write_geopackage(archive, tmp_path / "x.gpkg")
    with pytest.raises(UsageError, match="exists already"):
        write_geopackage(archive, tmp_path / "x.gpkg")
    with pytest.raises(UsageError, match="no features"):
        write_geopackage(Archive(tmp_path, {"standard": "sensorthings", "kinds": []}), tmp_path / "y.gpkg")
    for name, content in (("empty.gpkg", b""), ("text.gpkg", b"no database"), ("none.gpkg", None)):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match="no GeoPackage"):
            GeoPackage(tmp_path / name)


# --- the five losses of a careless loader (measured with GDAL's GeoPackage driver) ----------------


def careless(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a loader gives back that knows columns only: one type for each, and null where a member is missing."""
    names_ = {name for each in entities for name in each["properties"]}
    return [
        {**e, "properties": {n: _careless(e["properties"].get(n)) for n in sorted(names_)}} for e in entities
    ]


def _careless(value: Any) -> Any:
    if isinstance(value, bool):
        return Decimal(f"{int(value)}.0")
    if isinstance(value, Decimal):
        return Decimal(f"{float(value):.15g}")
    if isinstance(value, list):
        return json.dumps(value)
    if isinstance(value, str) and value[10:11] == "T":
        return value[:23]
    return value


CAREFUL = [
    {"summe": Decimal("0.30000000000000004"), "name": "Zahl"},
    {"ja": True, "name": "Wahr"},
    {"liste": ["a", "b"], "name": "Liste"},
    {"zeit": "2026-10-25T02:30:00.123+02:00", "name": "Zeit"},
]


def test_each_of_the_five_losses_is_found_and_named(tmp_path: Path) -> None:
    entities = [
        {"type": "Feature", "id": n, "geometry": None, "properties": each}
        for n, each in enumerate(CAREFUL, 1)
    ]
    ours = direct_archive(tmp_path / "a", "k", entities)
    theirs = direct_archive(tmp_path / "b", "k", careless(entities))
    result = compared(tmp_path / "c", ours, theirs)
    found = Counter((each.path.rpartition("/")[2], each.loss) for each in losses(result))
    told = {key: n for key, n in found.items() if key[1] != NULL_MISSING}
    assert told == {
        ("summe", CHANGED): 1,
        ("ja", TYPE_CHANGED): 1,
        ("liste", TYPE_CHANGED): 1,
        ("zeit", CHANGED): 1,
    }
    assert sum(n for key, n in found.items() if key[1] == NULL_MISSING) == 12
    assert not result.metrics["L_prop"].holds
    assert not result.metrics["N_max"].holds
    assert not result.metrics["T_max"].holds


def test_our_loader_has_none_of_the_five(tmp_path: Path) -> None:
    entities = [
        {"type": "Feature", "id": n, "geometry": None, "properties": each}
        for n, each in enumerate(CAREFUL, 1)
    ]
    ours = direct_archive(tmp_path / "a", "k", entities)
    write_geopackage(ours, tmp_path / "x.gpkg")
    with GeoPackage(tmp_path / "x.gpkg") as package:
        theirs = direct_archive(tmp_path / "b", "k", [decode(each) for each in package.features("k")])
    assert losses(compared(tmp_path / "c", ours, theirs)) == []
