"""Several versions of one standard: what one takes over from another, and which bindings count."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from conformance.catalogue import places
from conformance.catalogue.profiles import declared_ids, read_profile
from conformance.errors import CatalogueError
from conformance.reference.harness import mutants_of
from conformance.suite import suite_in

ROOT = Path(__file__).resolve().parents[2]
STANDARD = "ogcapi-features"
KEPT = "ogcapi-features.landing.reachable"


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A version 0.9 of a standard that takes one requirement from 1.0.1 and declares no other."""
    for name in ("profiles", "shapes", "tests/mutants"):
        shutil.copytree(ROOT / name / STANDARD, tmp_path / name / STANDARD)
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "conformance")
    folder = tmp_path / "profiles" / STANDARD / "0.9"
    folder.mkdir()
    head = yaml.safe_load((folder.parent / "1.0.1" / "profile.yaml").read_text("utf-8"))
    head["version"] = "0.9"
    (folder / "profile.yaml").write_text(yaml.safe_dump(head, allow_unicode=True), "utf-8")
    write(folder, {"id": KEPT, "as_in": "1.0.1"})
    return folder


def write(folder: Path, *entries: dict[str, object]) -> None:
    said = {
        "official": {"standard": "s", "version": "0.9", "official": "/old"},
        "source": {"clause": "1", "title": "Old", "url": "https://old.example/"},
    }
    data = {"conformance_class": "core", "requirements": [{**said, **e} for e in entries]}
    (folder / "core.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")


def test_a_requirement_is_taken_over_with_its_own_place_in_the_text(older: Path) -> None:
    (old,) = read_profile(older).requirements
    new = next(r for r in read_profile(older.parent / "1.0.1").requirements if r.id == KEPT)
    assert (old.title, old.fix, old.level, old.theme) == (new.title, new.fix, new.level, new.theme)
    assert (old.source.title, old.official.version, old.overlaps) == ("Old", "0.9", ())


def test_what_is_said_again_counts(older: Path) -> None:
    write(older, {"id": KEPT, "as_in": "1.0.1", "level": "SHOULD"})
    (old,) = read_profile(older).requirements
    assert old.level.value == "SHOULD"


@pytest.mark.parametrize("entry", [{"id": "ogcapi-features.no.such", "as_in": "1.0.1"}])
def test_what_is_not_declared_in_full_there_is_told_with_its_place(
    older: Path, entry: dict[str, object]
) -> None:
    write(older, entry)
    with pytest.raises(CatalogueError) as told:
        read_profile(older)
    assert "core.yaml:" in told.value.problems[0]
    assert str(entry["id"]) in told.value.problems[0]


def test_a_complete_entry_is_still_demanded_without_as_in(older: Path) -> None:
    write(older, {"id": KEPT})
    with pytest.raises(CatalogueError) as told:
        read_profile(older)
    assert any("title" in p for p in told.value.problems)


def test_bindings_and_mutants_of_the_other_version_are_left_out(older: Path) -> None:
    suite = suite_in(older)
    assert list(suite.checks) == [KEPT]
    own = mutants_of(suite.profile)
    assert {m.requirement for m in own} <= {KEPT, ""}
    assert any(m.requirement == KEPT for m in own)
    assert {name for m in own for name, _ in m.changes if "*" not in name} <= {KEPT}
    assert len(declared_ids("ogcapi_features")) > 100


def test_the_rules_of_a_version_include_what_it_takes_over(older: Path) -> None:
    names = [name for name, _ in read_profile(older).digests]
    assert f"profiles/{STANDARD}/1.0.1/core.yaml" in names
    assert f"profiles/{STANDARD}/0.9/core.yaml" in names


def test_shapes_of_one_version_bind_only_there(older: Path) -> None:
    shapes = older.parents[2] / "shapes" / STANDARD
    (shapes / "1.0.1").mkdir()
    (shapes / "landing.schema.json").rename(shapes / "1.0.1" / "landing.schema.json")
    assert len(suite_in(older.parent / "1.0.1").checks) > 100
    assert not any("landing" in name for name, _ in read_profile(older).digests if name.startswith("shapes"))


def test_of_older_versions_and_of_very_many_faults_a_share_is_tried() -> None:
    from conformance.cli.lint_cmd import HALF, SHARE, is_older, share_of
    from conformance.reference.harness import survey

    assert not is_older(f"{STANDARD}/1.0.1")
    assert is_older("oparl/1.0")
    assert not is_older("oparl/1.1")
    assert SHARE > HALF > 1
    assert share_of("oparl/1.0") == SHARE
    assert share_of("sensorthings/1.1") == share_of("oparl/1.1") == HALF
    assert share_of("exit/1.0") == share_of("dcat-ap-hvd/3.0.0") == 1
    names = [
        "landing-404",
        *(m.id for m in mutants_of(read_profile(ROOT / "profiles" / STANDARD / "1.0.1"))[:5]),
    ]
    tried = [t.mutant.id for t in survey(STANDARD, processes=1, only=names, share=3)]
    every = [t.mutant.id for t in survey(STANDARD, processes=1, only=names)]
    assert tried == every[::3]
