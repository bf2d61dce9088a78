"""Real open data for the platforms: Natural Earth 1:110m, public domain.

Source: the wheel of geopandas 0.14.4, the last series that carries the data sets
`naturalearth_lowres` (177 countries, polygons) and `naturalearth_cities` (243 cities,
points). The wheel is downloaded with a pinned hash and unpacked; it is never installed.

Names, figures and coordinates are Natural Earth's, unchanged. Two things are ours:

* `fid`, the position in the source file, counted from 1 (the source has no key), and
* `synthetic_time` of the cities, so that the parameter `datetime` can be judged:
  2022-01-01T12:00:00Z for fid 1 and two days more for each further one, that is to
  2023-04-30T12:00:00Z for fid 243. It says nothing about the cities. Noon, so that a
  whole day differs from an instant; every second day, so that 2023-01-01 hits nothing.
"""

import csv
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import shapefile  # type: ignore[import-untyped]

from .cache import HERE, PIP_OPTIONS, digest, once, pip, run

REQUIREMENTS = HERE / "data.requirements.txt"
COUNTRIES = 177
CITIES = 243
FIRST_TIME = datetime(2022, 1, 1, 12, tzinfo=UTC)
TIME_STEP = timedelta(days=2)

Feature = dict[str, Any]


def data_folder() -> Path:
    """The folder with the data in every form a platform wants; made on first use."""
    return once(f"naturalearth-{digest(Path(__file__), REQUIREMENTS)}", build)


def build(folder: Path) -> None:
    """Download, unpack and convert."""
    wheels = folder / "wheels"
    run(
        "download of the Natural Earth data",
        [*pip(), "download", "--quiet", *PIP_OPTIONS, "--require-hashes"],
        ["--requirement", str(REQUIREMENTS), "--dest", str(wheels)],
    )
    unpack(next(wheels.glob("geopandas-*.whl")), folder / "source")
    countries = read(folder, "naturalearth_lowres")
    cities = [with_time(city) for city in read(folder, "naturalearth_cities")]
    if (len(countries), len(cities)) != (COUNTRIES, CITIES):
        raise AssertionError(f"unexpected data: {len(countries)} and {len(cities)} features")
    for name, features in (("countries", countries), ("cities", cities)):
        write_geojson(folder / f"{name}.geojson", features)
        write_tinydb(folder / f"{name}.tinydb.json", features)
    write_csv(folder / "cities.csv", cities)


def unpack(wheel: Path, target: Path) -> None:
    """Take the Natural Earth files, and only those, out of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        wanted = [n for n in archive.namelist() if n.startswith("geopandas/datasets/naturalearth")]
        archive.extractall(target, wanted)


def read(folder: Path, name: str) -> list[Feature]:
    """The features of one shapefile, with a string id and the same number as `fid`."""
    stem = folder / "source" / "geopandas" / "datasets" / name / name
    with shapefile.Reader(str(stem), encoding="iso-8859-1") as source:
        return [
            {
                "type": "Feature",
                "id": str(fid),
                "properties": {"fid": fid, **entry.record.as_dict()},
                "geometry": entry.shape.__geo_interface__,
            }
            for fid, entry in enumerate(source.iterShapeRecords(), start=1)
        ]


def synthetic_time(fid: int) -> str:
    """The invented but reproducible time of the city with this number."""
    return (FIRST_TIME + (fid - 1) * TIME_STEP).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_time(city: Feature) -> Feature:
    """The same city with its `synthetic_time`."""
    properties = city["properties"]
    return {
        **city,
        "properties": {**properties, "synthetic_time": synthetic_time(properties["fid"])},
    }


def write_geojson(path: Path, features: list[Feature]) -> None:
    """One FeatureCollection."""
    write_json(path, {"type": "FeatureCollection", "features": features})


def write_tinydb(path: Path, features: list[Feature]) -> None:
    """The file format of TinyDB: a default table of numbered documents."""
    table = {str(number): feature for number, feature in enumerate(features, start=1)}
    write_json(path, {"_default": table})


def write_json(path: Path, value: object) -> None:
    """JSON in UTF-8."""
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def write_csv(path: Path, cities: list[Feature]) -> None:
    """One row per city, coordinates in columns of their own."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        table = csv.writer(handle)
        table.writerow(["fid", "name", "synthetic_time", "lon", "lat"])
        for city in cities:
            p = city["properties"]
            table.writerow([p["fid"], p["name"], p["synthetic_time"], *city["geometry"]["coordinates"]])
