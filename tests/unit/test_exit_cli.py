"""``conformance exit`` as users call it: over loopback, in both languages, with exit codes that mean something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from cli_tools import Ended, conformance
from jsonschema import Draft202012Validator

from conformance.cli.exit_progress import Lines
from conformance.exit.archive import read_archive
from conformance.exit.planning import plan
from conformance.exit.reading import Progress
from conformance.model import Limits
from conformance.reference.sensorthings import ENTRY, application, serve
from tests.unit.exit_platforms import DOMAIN, Canned, line, wire

FAST = ("--rate", "100000", "--allow-private")
WRITE = ("--allow-write", "--sandbox")


@pytest.fixture
def source() -> Iterator[str]:
    with serve(application(endpoints=())) as server:
        yield server.url.rstrip("/") + ENTRY


@pytest.fixture
def target() -> Iterator[str]:
    with serve(application(seeded=False, endpoints=())) as server:
        yield server.url.rstrip("/") + ENTRY


def leave(*arguments: str | Path, lang: str = "en") -> Ended:
    return conformance("exit", *arguments, lang=lang)


def errors(schema: str, data: Any) -> list[str]:
    file = resources.files("conformance.exit").joinpath("schemas", f"{schema}.schema.json")
    return [
        each.message for each in Draft202012Validator(json.loads(file.read_text("utf-8"))).iter_errors(data)
    ]


def test_from_one_platform_to_another_and_back_again(source: str, target: str, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    ended = leave("extract", source, "-o", first, "--zip", *FAST)
    assert ended.code == 0, ended.all
    assert "Observations: 261 entities" in ended.out
    assert errors("archive", json.loads((first / "manifest.json").read_text())) == []
    lines = [json.loads(each) for each in ended.err.splitlines()]
    assert [errors("exit-progress", each) for each in lines if errors("exit-progress", each)] == []
    assert lines[-1]["done"] == 261

    ended = leave("load", tmp_path / "a.zip", target, *WRITE, *FAST)
    assert ended.code == 0, ended.all
    assert "Observations: 261 of 261 loaded" in ended.out
    assert errors("loaded", json.loads((tmp_path / "a-loaded" / "loaded.json").read_text())) == []

    assert leave("extract", target, "-o", second, "--quiet", *FAST).all == ""
    ended = leave("compare", first, second, "--idmap", tmp_path / "a-loaded", "-o", tmp_path / "c")
    assert ended.code == 0, ended.all
    assert (tmp_path / "c" / "losses.ndjson").read_text() == ""
    assert "gate holds" in ended.out

    ended = leave("unload", tmp_path / "a-loaded", target, *WRITE, *FAST)
    assert ended.code == 0
    assert "330 entities" in ended.out
    empty = leave("extract", target, "-o", tmp_path / "e", *FAST)
    assert "Observations: 0 entities" in empty.out


def test_a_loss_ends_with_1(
    source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave("extract", source, "-o", tmp_path / "a", *FAST)
    leave("load", tmp_path / "a", target, *WRITE, *FAST)
    leave("extract", target, "-o", tmp_path / "b", *FAST)
    file = tmp_path / "b" / "entities" / "Sensors.ndjson"
    file.write_text(file.read_text().replace('"name":"DHT22"', '"name":"DHT 22"'))
    damaged = leave("compare", tmp_path / "a", tmp_path / "b", "-o", tmp_path / "c")
    assert damaged.code == 3
    assert "Sensors.ndjson was changed" in damaged.err
    sealed_again(tmp_path / "b", "Sensors")
    ended = leave(
        "compare", tmp_path / "a", tmp_path / "b", "--idmap", tmp_path / "a-loaded", "-o", tmp_path / "c"
    )
    assert ended.code == 1
    assert "gate does not hold" in ended.out
    monkeypatch.chdir(tmp_path)
    as_json = leave("compare", tmp_path / "a", tmp_path / "b", "--idmap", tmp_path / "a-loaded", "--json")
    assert as_json.json()["metrics"]["L_prop"]["count"] == 1
    assert not (tmp_path / "exit-comparison").exists()


def sealed_again(folder: Path, kind: str) -> None:
    from hashlib import sha256

    manifest = json.loads((folder / "manifest.json").read_text())
    for each in manifest["kinds"]:
        if each["kind"] == kind:
            each["sha256"] = sha256((folder / each["file"]).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_rehearsal_leaves_result_and_pages(source: str, target: str, tmp_path: Path) -> None:
    ended = leave("rehearse", source, target, "-o", tmp_path / "r", *WRITE, *FAST, lang="de")
    data = json.loads((tmp_path / "r" / "rehearsal.json").read_text())
    assert ended.code == {"passed": 0, "failed": 1, "undetermined": 3}[data["decision"]], ended.all
    assert data["metrics"]["L_ent"]["holds"] is True
    assert (tmp_path / "r" / "rehearsal.de.html").is_file()
    assert "rehearsal.de.html" in ended.out
    again = leave("rehearse", source, target, "-o", tmp_path / "r", *WRITE, *FAST)
    assert again.code == 2
    assert "--resume" in again.err


def test_a_rehearsal_looks_before_it_extracts(source: str, tmp_path: Path) -> None:
    ended = leave("rehearse", source, source, "-o", tmp_path / "r", *WRITE, *FAST)
    assert ended.code == 2
    assert "not empty" in ended.err
    assert not (tmp_path / "r").exists()


def test_the_plan_says_what_it_would_take(source: str, target: str) -> None:
    ended = leave("plan", source, "--to", target, *FAST, lang="de")
    assert ended.code == 0
    assert "Observations: 261 Objekte" in ended.out
    assert "Ladeweg: data-array" in ended.out
    data = leave("plan", source, "--to", target, "--json", *FAST).json()
    assert errors("exit-plan", data) == []
    written = {each["kind"]: each["write_requests"] for each in data["kinds"]}
    assert (written["Observations"], written["Things"]) == (1, 12)
    alone = leave("plan", source, "--json", *FAST).json()
    assert errors("exit-plan", alone) == []
    assert alone["to"] == ""
    assert "nicht leer" in leave("plan", target, "--to", source, *FAST, lang="de").out


def test_the_plan_knows_manners_and_obstacles() -> None:
    source, target = wire(line()), wire(line(application(seeded=False)))
    slow = plan(DOMAIN, source, target, Limits(rate=0.1), Limits(rate=0.5))
    assert slow.read_seconds == pytest.approx(10 * sum(each.read or 0 for each in slow.kinds))
    assert slow.written_seconds == pytest.approx(2 * sum(each.written or 0 for each in slow.kinds))
    assert not any(each.obstacle for each in slow.kinds)
    unknown = Canned({"": {"value": [{"name": "Things", "url": "x"}, {"name": "Räume", "url": "y"}]}})
    told = plan(DOMAIN, wire(unknown), target)
    assert [(each.kind, each.entities) for each in told.kinds] == [("Things", None), ("Räume", None)]
    assert told.kinds[1].obstacle is not None
    assert any("Anzahl" in each.de for each in told.remarks)


def test_writing_needs_permission_twice(source: str, target: str, tmp_path: Path) -> None:
    leave("extract", source, "-o", tmp_path / "a", "--quiet", *FAST)
    for given in ((), ("--sandbox",), ("--allow-write",)):
        ended = leave("load", tmp_path / "a", target, *given, *FAST)
        assert ended.code == 2
        assert "--allow-write" in ended.err
    assert leave("load", tmp_path / "a", source, *WRITE, *FAST).code == 2  # not empty


def test_subject_files_say_how_a_platform_is_approached(source: str, target: str, tmp_path: Path) -> None:
    here, there = tmp_path / "a.yaml", tmp_path / "b.yaml"
    manners = "allow_private: true\nlimits: {rate: 100000}\n"
    here.write_text(f"url: {source}\nname: Musterstadt\n{manners}")
    there.write_text(f"url: {target}\nsandbox: true\n{manners}")
    assert leave("extract", here, "-o", tmp_path / "a").code == 0
    assert read_archive(tmp_path / "a").manifest["name"] == "Musterstadt"
    assert leave("load", tmp_path / "a", there, "--allow-write").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("extract", "nirgends.yaml", "-o", "x"), "weder Datei noch Adresse"),
        (("extract", "ftp://x.example", "-o", "x"), "keine vollständige Adresse"),
        (("load", "nirgends", "https://x.example", "--allow-write", "--sandbox"), "kein Archiv"),
        (("compare", "nirgends", "nirgends"), "kein Archiv"),
        (("extract", "https://x.example"), "Es fehlt"),
    ],
)
def test_mistakes_are_told(arguments: tuple[str, ...], said: str) -> None:
    ended = leave(*arguments, lang="de")
    assert ended.code == 2
    assert said in ended.err


def test_an_address_that_speaks_no_standard_is_told(source: str, tmp_path: Path) -> None:
    ended = leave("extract", source.removesuffix(ENTRY), "-o", tmp_path / "a", *FAST, lang="de")
    assert ended.code == 2
    assert "/v1.1" in ended.err


def test_an_interrupted_extraction_goes_on(source: str, tmp_path: Path) -> None:
    ended = leave("extract", source, "-o", tmp_path / "a", "--budget", "25", *FAST, lang="de")
    assert ended.code == 3
    assert "--resume" in ended.err
    assert leave("extract", source, "-o", tmp_path / "a", *FAST).code == 2
    assert leave("extract", source, "-o", tmp_path / "a", "--resume", *FAST).code == 0


def test_canaries_are_an_archive(target: str, tmp_path: Path) -> None:
    assert leave("canaries", "-o", tmp_path / "c").code == 0
    assert errors("archive", json.loads((tmp_path / "c" / "manifest.json").read_text())) == []
    assert leave("load", tmp_path / "c", target, *WRITE, *FAST).code == 0
    assert leave("canaries", "-o", tmp_path / "c").code == 2


def test_features_go_into_a_file_and_nothing_else_does(source: str, tmp_path: Path) -> None:
    leave("extract", source, "-o", tmp_path / "a", "--quiet", *FAST)
    ended = leave("load", tmp_path / "a", tmp_path / "b.gpkg")
    assert ended.code == 2
    assert "GeoPackage" in ended.err


def test_progress_is_told_once_a_second_and_at_every_end(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 0.1, 0.2, 1.5, 1.6, 1.7])
    lines = Lines(lambda: next(times))
    for done in (1, 2, 3, 4, 5):
        lines(Progress("extract", "Things", done, 5, done))
    lines(Progress("extract", "Sensors", 1, 9, 6))
    told = [json.loads(each) for each in capsys.readouterr().err.splitlines()]
    assert [(each["kind"], each["done"]) for each in told] == [
        ("Things", 1),
        ("Things", 4),
        ("Things", 5),
        ("Sensors", 1),
    ]


@pytest.mark.parametrize("name", ["archive", "loaded", "exit-plan", "exit-progress"])
def test_schemas_are_schemas(name: str) -> None:
    file = resources.files("conformance.exit").joinpath("schemas", f"{name}.schema.json")
    Draft202012Validator.check_schema(json.loads(file.read_text("utf-8")))
