"""Moving features between programs nobody here wrote: out of pygeoapi, into a GeoPackage, into another pygeoapi."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.exit.archive import Archive
from conformance.exit.canaries import canary_entities
from conformance.exit.compare import compare
from conformance.exit.domains import domain_of
from conformance.exit.extract import extract
from conformance.exit.features.geopackage import GeoPackage, write_geopackage
from conformance.exit.jsontext import decode, encode
from conformance.exit.losses import read_losses
from conformance.exit.readings import reading
from conformance.exit.rehearse import End, Options, rehearse
from conformance.exit.wire import Wire
from conformance.model import Limits, Subject
from conformance.reference.features import FeatureStore
from conformance.session.live import LiveAdapter
from conformance.session.wsgi import WsgiAdapter

from .cache import HERE
from .conftest import running
from .gdal import install_gdal
from .platforms import install_pygeoapi, start_pygeoapi, stop

DOMAIN = domain_of("features")
READING = reading("features")
LARGE = 10_000  # characters that the 10 MB canary has here: pygeoapi reads its file anew for every request


def canaries() -> list[dict[str, Any]]:
    found = []
    for _, entity in canary_entities("features"):
        texts = {n: v[:LARGE] if isinstance(v, str) else v for n, v in entity["properties"].items()}
        found.append({**entity, "properties": texts | {"fid": entity["id"]}})
    return found


@contextlib.contextmanager
def served(provider: str, content: str, name: str) -> Iterator[str]:
    environment = install_pygeoapi()
    with tempfile.TemporaryDirectory(prefix="pygeoapi-exit-") as scratch:
        data = Path(scratch) / name
        data.write_text(content, encoding="utf-8")
        more = {"PYGEOAPI_CONFIG": str(HERE / "pygeoapi_exit.config.yml"), "REAL_PROVIDER": provider}
        process, url = start_pygeoapi(environment / "bin" / "python", data, Path(scratch), more)
        try:
            yield url
        finally:
            stop(process)


@pytest.fixture(scope="module")
def source_url() -> Iterator[str]:
    collection = {"type": "FeatureCollection", "features": canaries()}
    yield from running(lambda: served("GeoJSON", encode(collection), "canaries.geojson"))


@pytest.fixture
def target_url() -> Iterator[str]:
    yield from running(lambda: served("TinyDB", json.dumps({"_default": {}}), "canaries.tinydb.json"))


def end(name: str, url: str) -> End:
    limits = Limits(rate=200.0, concurrency=1, budget=10_000)
    subject = Subject(name=name, url=url, sandbox=True, allow_private=True, limits=limits)
    return End(subject, Wire(LiveAdapter(subject), url, allow_write=True))


def told(path: Path) -> list[tuple[str, str, str]]:
    return sorted({(loss.path, loss.loss, loss.owner) for loss in read_losses(path)})


@pytest.fixture(scope="module")
def archive(source_url: str, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return extract(end("A", source_url).wire, DOMAIN, tmp_path_factory.mktemp("exit") / "a")


def test_everything_comes_out_twice_the_same(archive: Archive, source_url: str, tmp_path: Path) -> None:
    assert archive.complete
    assert archive.count("canaries") == len(canaries())
    assert archive.of("canaries")["pages"] == 3
    again = extract(end("A", source_url).wire, DOMAIN, tmp_path / "again")
    found = compare(READING.export(archive), READING.export(again), tmp_path / "c", identity="ids")
    assert told(found.ledger.path) == []


def test_a_geopackage_carries_all_of_it_into_our_store(archive: Archive, tmp_path: Path) -> None:
    write_geopackage(archive, tmp_path / "x.gpkg")
    with GeoPackage(tmp_path / "x.gpkg") as package:
        store = FeatureStore({kind: package.features(kind) for kind in package.collections})
    back = extract(Wire(WsgiAdapter(store), "https://b.example"), DOMAIN, tmp_path / "b")
    found = compare(READING.export(archive), READING.export(back), tmp_path / "c", identity="ids")
    assert told(found.ledger.path) == []


def test_part_4_into_another_pygeoapi(source_url: str, target_url: str, tmp_path: Path) -> None:
    done = rehearse(end("A", source_url), end("B", target_url), DOMAIN, tmp_path / "r", Options())
    metrics = done.comparison.metrics
    losses = [*read_losses(done.comparison.ledger.path)]
    assert done.loaded.load_path == "part-4"
    assert metrics["L_ent"].value == 0
    assert metrics["L_id"].value == 0
    assert metrics["G_max"].value == 0
    assert [(each.path, each.loss, each.owner) for each in losses] == []


@contextlib.contextmanager
def gdal() -> Iterator[str]:
    yield str(install_gdal())


@pytest.fixture(scope="module")
def gdal_python() -> Iterator[str]:
    yield from running(gdal)


def test_gdal_reads_our_geopackage_and_we_read_gdals(
    archive: Archive, gdal_python: str, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "canaries.gpkg", tmp_path / "copy.gpkg"
    write_geopackage(archive, ours)
    program = [gdal_python, str(HERE / "gdal_copy.py"), str(ours), str(theirs)]
    seen = json.loads(subprocess.run(program, check=True, capture_output=True, timeout=60).stdout)
    assert (seen["features"], seen["crs"]) == (len(canaries()), "EPSG:4326")
    assert {name: seen["fields"][name] for name in ("summe", "gross", "ja", "name", "sommer")} == {
        "summe": "float64",
        "gross": "int64",
        "ja": "bool",
        "name": "object",
        "sommer": "object",
    }
    with GeoPackage(theirs) as package:
        copied = [decode(text) for text in package.features(package.collections[0])]
    before = {each["id"]: each for each in archive.entities("canaries")}
    assert [each["id"] for each in copied] == [*before]
    for each in copied:  # plain columns survive a program that knows nothing of the JSON columns
        own = before[each["id"]]["properties"]
        for name in ("name", "sommer", "summe"):
            if isinstance(own.get(name), str | Decimal) and type(own[name]) is type(each["properties"][name]):
                assert each["properties"][name] == own[name]
    (integers,) = (each["properties"] for each in copied if each["properties"]["gross"] is not None)
    assert (
        integers["gross"] != 9223372036854775807
    )  # a column of integers with gaps becomes floating point there
