"""Value lists of the user in a run: they count, they lie with the evidence, and nothing else is needed to verify."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_tools import conformance, report_of

from conformance.model import Subject
from conformance.recording import with_own_lists
from conformance.run_folder import EVIDENCE, MANIFEST, _sealed, file_digest
from conformance.session.evidence import EvidenceWriter, read_shelf
from conformance.standards.dcat_ap.vocabularies import Lists, Standing, read_list, shipped_names, vocabulary
from conformance.suite import load_suite
from conformance.vocab import FOLDER_VARIABLE

FREQUENCY = "http://publications.europa.eu/resource/authority/frequency"
CHECK = "dcat-ap.dataset.frequency-from-vocabulary"
CATALOGUE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://a.example/c> a dcat:Catalog ; dcat:dataset <https://a.example/d> .
<https://a.example/d> a dcat:Dataset ; dct:accrualPeriodicity <{value}> .
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the lists of this test alone."""
    folder = tmp_path / "lists"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


def update(tmp_path: Path, *codes: str, day: str = "2026-03-18") -> None:
    """Take over a downloaded edition of the list of frequencies that has these values, too."""
    known = sorted(vocabulary("frequency").values)
    lines = "\n".join(f"{FREQUENCY}/{code}" for code in [*known, *codes])
    (tmp_path / "frequency.csv").write_text(f"URI\n{lines}\n", encoding="utf-8")
    ended = conformance("vocab", "update", "frequency", tmp_path / "frequency.csv", "--date", day)
    assert ended.code == 0, ended.all


def run(tmp_path: Path, value: str, name: str = "run") -> tuple[Path, dict[str, Any]]:
    data = tmp_path / "catalogue.ttl"
    data.write_text(CATALOGUE.format(value=value), encoding="utf-8")
    folder = tmp_path / name
    chosen = ("--profile", "dcat-ap/3.0", "--only", CHECK, "--quiet")
    ended = conformance("run", *chosen, "--from", data, "--out", folder)
    assert ended.code in (1, 3), ended.all
    return folder, report_of(folder)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which a list of the user counted."""
    place = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(place / "lists"))
        update(place, "YEARLY_2")
        folder, _ = run(place, f"{FREQUENCY}/YEARLY_2")
    shutil.rmtree(place / "lists")
    (place / "catalogue.ttl").unlink()
    return folder


def outcome(report: dict[str, Any]) -> str:
    return str(next(v["outcome"] for v in report["verdicts"] if v["requirement"] == CHECK))


def lists_of(report: dict[str, Any]) -> dict[str, list[Any]]:
    annex = next(one for one in report["annexes"] if one["id"] == "value-lists")
    return {row[0]: row for row in annex["rows"]}


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [("YEARLY_2", "cantTell", "passed"), ("yearly-2", "cantTell", "failed")],
)
def test_a_newer_list_decides_what_was_open(tmp_path: Path, value: str, before: str, after: str) -> None:
    """A spelling of a value that only the new edition has is wrong, and only the new edition shows it."""
    assert outcome(run(tmp_path, f"{FREQUENCY}/{value}")[1]) == before
    update(tmp_path, "YEARLY_2")
    assert outcome(run(tmp_path, f"{FREQUENCY}/{value}", "again")[1]) == after


def test_which_lists_counted_is_told(tmp_path: Path, own_folder: Path) -> None:
    folder, report = run(tmp_path, f"{FREQUENCY}/NEVER")
    shipped = lists_of(report)
    assert list(shipped) == list(shipped_names())
    assert {row[1]["en"] for row in shipped.values()} == {"shipped"}
    assert json.loads((folder / MANIFEST).read_bytes())["vocabularies"] == {}
    update(tmp_path, "YEARLY_2")
    folder, report = run(tmp_path, f"{FREQUENCY}/NEVER", "again")
    own = lists_of(report)
    digest = file_digest(own_folder / "frequency.json")
    assert (own["frequency"][1]["en"], own["frequency"][3]) == ("own", "2026-03-18")
    assert f"sha256:{own['frequency'][4]}" == digest
    assert {name for name in own if own[name] != shipped[name]} == {"frequency"}
    assert json.loads((folder / MANIFEST).read_bytes())["vocabularies"] == {"frequency.json": digest}
    assert report["run"]["requests"] == 0


@pytest.mark.parametrize("zipped", [False, True])
def test_another_machine_verifies_without_the_list(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    target = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", recorded)) if zipped else recorded
    ended = conformance("verify", target)
    assert (ended.code, "all the same" in ended.out) == (0, True), ended.all


def test_a_later_list_changes_nothing_about_a_run(tmp_path: Path) -> None:
    folder, report = run(tmp_path, f"{FREQUENCY}/YEARLY_2")
    update(tmp_path, "YEARLY_2")
    assert outcome(report) == "cantTell"
    assert conformance("verify", folder).code == 0


def _other_list(folder: Path) -> None:
    """Another list in the evidence, and everything that says what the evidence is adapted to it."""
    shelf = read_shelf(folder / EVIDENCE)
    changed = [
        each.with_response(_with_body(each.response, b'"YEARLY_2"', b'"YEARLY_3"')) if each.response else each
        for each in shelf.values()
    ]
    (folder / EVIDENCE).unlink()
    with EvidenceWriter(folder / EVIDENCE) as evidence:
        for each in changed:
            evidence.write(each)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    del manifest["self"]
    manifest["files"][EVIDENCE] = file_digest(folder / EVIDENCE)
    (folder / MANIFEST).write_bytes(_sealed(manifest))


def _with_body(response: Any, old: bytes, new: bytes) -> Any:
    return replace(response, body=response.body.replace(old, new))


def _byte_of_evidence(folder: Path) -> None:
    content = bytearray((folder / EVIDENCE).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / EVIDENCE).write_bytes(bytes(content))


def _without_list(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    del manifest["self"]
    manifest["vocabularies"] = {}
    (folder / MANIFEST).write_bytes(_sealed(manifest))


@pytest.mark.parametrize("tamper", [_other_list, _byte_of_evidence, _without_list])
def test_a_tampered_list_is_refused(recorded: Path, tmp_path: Path, tamper: Callable[[Path], None]) -> None:
    folder = Path(shutil.copytree(recorded, tmp_path / "run"))
    tamper(folder)
    ended = conformance("verify", folder)
    assert ended.code == 1, ended.all
    assert EVIDENCE in ended.err


def test_a_file_that_is_no_list_stops_the_run_before_it_begins(tmp_path: Path, own_folder: Path) -> None:
    own_folder.mkdir()
    (own_folder / "frequency.json").write_text("{}", encoding="utf-8")
    (tmp_path / "catalogue.ttl").write_text(CATALOGUE.format(value="x:y"), encoding="utf-8")
    out = tmp_path / "run"
    ended = conformance(
        "run", "--profile", "dcat-ap", "--from", tmp_path / "catalogue.ttl", "--out", out, "--quiet"
    )
    assert ended.code == 2
    assert "frequency.json" in ended.err
    assert not (out / MANIFEST).exists()


def test_only_standards_with_lists_take_them(tmp_path: Path, own_folder: Path) -> None:
    update(tmp_path, "YEARLY_2")
    subject = Subject("x", "https://x.example/")
    assert with_own_lists(subject, load_suite("oparl")).vocabularies == ()
    own = (str((own_folder / "frequency.json").resolve()),)
    assert with_own_lists(subject, load_suite("dcat-ap-de")).vocabularies == own


def test_lists_of_two_runs_do_not_mix() -> None:
    """What is remembered of one edition says nothing about another one of the same name."""
    shipped = vocabulary("frequency")
    content = {
        "scheme": shipped.scheme,
        "namespace": shipped.namespaces[0],
        "source": "",
        "date": "2030-01-01",
        "licence": "",
        "complete": True,
        "frozen": False,
        "values": ["YEARLY_2"],
    }
    own = Lists({"frequency": read_list("frequency", json.dumps(content).encode(), own=True)})
    value = f"<{FREQUENCY}/yearly-2>".encode()
    for _ in range(2):
        assert Lists()["frequency"].standing(value) is Standing.UNKNOWN
        assert own["frequency"].standing(value) is Standing.FOREIGN
        assert own["frequency"].meant(value) == f"{FREQUENCY}/YEARLY_2"
        assert Lists()["frequency"].meant(value) == ""
