"""``run --fleet``: many endpoints, one row each; what one of them does never ends the others."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_tools import PROFILE, conformance, in_both_languages

from conformance.errors import UsageError
from conformance.fleet import read_fleet
from conformance.reference import ogcapi_features
from conformance.reference.facade import facade

QUICK = (*PROFILE, "--allow-private", "--rate", "1000", "--concurrency", "4")


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with (
        ogcapi_features.serve(ogcapi_features.application()) as good,
        ogcapi_features.serve(facade("ogcapi_features")) as bad,
    ):
        yield {"good": good.url, "bad": bad.url, "gone": "http://127.0.0.1:9/"}


def rows(out: Path, separator: str = ",") -> list[dict[str, str]]:
    text = (out / "fleet.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=separator))


def test_one_row_per_endpoint_and_the_same_command_continues(urls: dict[str, str], tmp_path: Path) -> None:
    listed, out = tmp_path / "list.yml", tmp_path / "out"
    entries = [f"- title: Stadt Ä{n}\n  url: {u}" for n, u in enumerate(urls.values())]
    listed.write_text("\n".join(entries), encoding="utf-8")
    ended = conformance("run", "--fleet", listed, "--out", out, *QUICK)
    assert ended.code == 1, ended.all
    assert [r["Decision"] for r in rows(out)] == ["Conforming", "Not conforming", "Undetermined"]
    assert [r["Folder"] for r in rows(out)] == ["stadt-ae0", "stadt-ae1", "stadt-ae2"]
    assert "accepts no connection" in rows(out)[2]["Obstacle"]
    assert "Stadt Ä1" in ended.out
    reports = {p: p.stat().st_mtime_ns for p in out.glob("*/report.json")}
    again = conformance("run", "--fleet", listed, "--out", out, *QUICK, lang="de")
    assert {p: p.stat().st_mtime_ns for p in out.glob("*/report.json")} == reports
    assert again.code == 1
    assert next(r["Entscheidung"] for r in rows(out, ";")) == "Konform"
    assert conformance("verify", out / "stadt-ae1").code == 0


def test_a_run_of_another_address_or_profile_is_never_taken_for_this_one(
    urls: dict[str, str], tmp_path: Path
) -> None:
    listed, out = tmp_path / "list.yml", tmp_path / "out"
    listed.write_text(f"- title: Stadt\n  url: {urls['good']}\n", encoding="utf-8")
    assert conformance("run", "--fleet", listed, "--out", out, *QUICK).code == 0
    listed.write_text(f"- title: Stadt\n  url: {urls['bad']}\n", encoding="utf-8")
    assert conformance("run", "--fleet", listed, "--out", out, *QUICK).code == 3
    assert [r["Decision"] for r in rows(out)] == ["Undetermined"]
    assert urls["good"] in rows(out)[0]["Obstacle"]
    listed.write_text(f"- title: Stadt\n  url: {urls['good']}\n  profile: oparl/1.0\n", encoding="utf-8")
    assert conformance("run", "--fleet", listed, "--out", out, *QUICK).code == 3
    assert "ogcapi-features" in rows(out)[0]["Obstacle"]


def test_a_plain_list_of_addresses_will_do(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("# comment\nhttps://a.example/x\n\nhttps://a.example/x\nhttps://a.example/y\n", "utf-8")
    assert [(e.name, e.folder) for e in read_fleet(listed)] == [
        ("a.example", "a-example"),
        ("a.example", "a-example-2"),
    ]


@pytest.mark.parametrize("text", ["", "- url: nonsense\n", "{", "- 5\n", "- title: x\n"])
def test_an_unusable_list_is_told_before_anything_is_asked(tmp_path: Path, text: str) -> None:
    listed = tmp_path / "list.yml"
    listed.write_text(text, encoding="utf-8")
    german, english = in_both_languages("run", "--fleet", listed, "--out", tmp_path / "out", *PROFILE)
    assert english.code == 2
    assert "list.yml" in german.err
    assert not (tmp_path / "out").exists()
    with pytest.raises(UsageError):
        read_fleet(listed)


def test_a_fleet_needs_a_profile_and_goes_with_nothing_that_names_one_platform(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("https://a.example/\n", "utf-8")
    assert "--profile" in conformance("run", "--fleet", listed, "--out", tmp_path / "o").err
    told = conformance("run", "--fleet", listed, "--url", "https://b.example/", *PROFILE)
    assert (told.code, "--url" in told.err) == (2, True)
