"""A broken copy of the profile: ``lint`` tells every incoherence with file and line, and ends with 4."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_tools import conformance, schema_errors

from conformance.catalogue import places
from conformance.catalogue.yaml import parse_yaml
from conformance.errors import CatalogueError
from conformance.model import BindingKind
from conformance.reference import harness

PROFILE = "profiles/ogcapi-features/1.0.1"
SHAPES = "shapes/ogcapi-features"
PLACE = re.compile(r"^\S+\.(yaml|json|ttl):\d+: ", re.MULTILINE)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of everything that is data, which the suite takes for its own."""
    root = Path(places.__file__).resolve().parents[2]
    for name in ("profiles", "shapes"):
        shutil.copytree(root / name, tmp_path / name)
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "conformance")
    monkeypatch.setattr(harness, "mutants_of", lambda _standard: ())
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems() -> str:
    ended = conformance("lint", "ogcapi-features")
    assert ended.code == 4, ended.all
    data = conformance("lint", "ogcapi-features", "--json")
    assert data.code == 4
    assert schema_errors("lint", data.json()) == []
    assert all(p in ended.out for p in data.json()["problems"])
    return ended.out


def entry(path: Path) -> str:
    """The first requirement of a class file, as text."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r"^  - id: .*?(?=^  - id: |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, path
    return found[0]


def rename(new: str) -> Callable[[Path], None]:
    def broken(house: Path) -> None:
        change(house / PROFILE / "core.yaml", "id: ogcapi-features.landing.reachable", f"id: {new}")

    return broken


def twice(house: Path) -> None:
    path = house / PROFILE / "core.yaml"
    change(path, entry(path), entry(path) * 2)


def second_binding(house: Path) -> None:
    shutil.copy(house / SHAPES / "landing.schema.json", house / SHAPES / "landing-again.schema.json")


def without_english(house: Path) -> None:
    path = house / PROFILE / "core.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"^(\s+title:.*?)\n\s+en: [^\n]*", r"\1", text, count=1, flags=re.MULTILINE | re.DOTALL),
        "utf-8",
    )


def unaccounted(house: Path) -> None:
    change(house / PROFILE / "official-ids.yaml", "ids:\n", "ids:\n  - /req/core/never-heard-of\n")


def key_twice(house: Path) -> None:
    change(house / PROFILE / "profile.yaml", "standard:", "standard: x\nstandard:")


def number_for_version(house: Path) -> None:
    path = house / PROFILE / "profile.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^version: .*$", "version: 1.10", text, flags=re.MULTILINE), encoding="utf-8")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            rename("ogcapi-features.landing.gone"),
            "ogcapi-features.landing.gone has neither a check nor a reason",
        ),
        (rename("ogcapi-features.landing.gone"), "is bound but not declared"),
        (rename("ogcapi-features.conformance.reachable"), "is declared twice"),
        (rename("ogcapi-features.conformance.reachable-too"), "one id contains the other"),
        (twice, "is declared twice"),
        (second_binding, "is bound twice"),
        (without_english, "'en' is a required property"),
        (unaccounted, "/req/core/never-heard-of"),
        (key_twice, "key 'standard' is given twice"),
        (number_for_version, "1.1 is not of type 'string'"),
    ],
)
def test_every_incoherence_is_told_with_its_place(
    house: Path, broken: Callable[[Path], None], told: str
) -> None:
    broken(house)
    said = problems()
    assert told in said
    assert str(house) in said


def test_a_bound_requirement_without_a_mutant_is_told_with_its_line(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.cli.lint_cmd.mutants_of", lambda _standard: ())
    said = problems()
    assert "is bound but no mutant makes it fail" in said
    assert PLACE.search(said)


def test_a_run_with_an_incoherent_catalogue_ends_with_4_in_both_languages(house: Path) -> None:
    key_twice(house)
    for lang, told in (("de", "passen nicht zusammen"), ("en", "do not fit together")):
        ended = conformance("plan", "--profile", "ogcapi-features", "--url", "http://x.example/", lang=lang)
        assert ended.code == 4
        assert told in ended.err
        assert "profile.yaml:" in ended.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("landing.schema.json", "{"),
        ("structured-data.ttl", "this is no turtle"),
        ("landing.schema.json", "[]"),
    ],
)
def test_a_shape_that_cannot_be_read_is_told(house: Path, name: str, text: str) -> None:
    (house / SHAPES / name).write_text(text, encoding="utf-8")
    assert name in problems()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("2026-11-21", "2026-11-21"),
        ("1.10", 1.1),
        ("on", "on"),
        ("0o17", "0o17"),
        ("true", True),
    ],
)
def test_yaml_is_yaml_1_2(text: str, value: object) -> None:
    assert parse_yaml(f"a: {text}", Path("x.yaml")).data == {"a": value}


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1",
        "a: !!python/object:os.system 1",
        "a: !!str '1'",
        "a: 1\na: 2",
        "? [1]\n: 2",
        "- " * 200,
        "a: 9" + "9" * 400,
    ],
)
def test_what_is_not_allowed_in_yaml_is_told_with_its_line(text: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        parse_yaml(text, Path("x.yaml"))
    assert re.match(r"x\.yaml:\d+: ", caught.value.problems[0])


def test_the_four_kinds_of_binding_are_those_of_the_schema() -> None:
    assert {kind.value for kind in BindingKind} == {"json-schema", "shacl", "openapi", "python"}
