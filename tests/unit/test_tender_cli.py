"""``conformance tender`` from the first draft to the protocol, on runs made here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli.demo_cmd import command as demo
from conformance.cli.tender_cmd import command as tender
from conformance.errors import ConformanceError

SECRETS = ("Fassade", "Grünfurt", "127.0.0.1")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(tender, [str(a) for a in arguments], obj="en", catch_exceptions=True)


def succeeded(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refused(result: Result) -> str:
    assert isinstance(result.exception, ConformanceError), (result.output, result.exception)
    assert result.exception.exit_code == 2
    return result.exception.text.en


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two runs with the same plan: a conforming platform and a façade."""
    folder = tmp_path_factory.mktemp("runs")
    result = CliRunner().invoke(demo, ["--out", str(folder)], obj="en")
    assert result.exit_code == 0, result.output
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory, runs: Path) -> Path:
    """A frozen tender with two bids."""
    folder = tmp_path_factory.mktemp("tender")
    succeeded(call("new", "ogcapi-features", "--out", folder, "--class", "geojson"))
    succeeded(call("freeze", folder / "tender.yaml"))
    bids = f"""format: conformance-tender-bids/1
procedure: "V-2026-0001"
bids:
  - {{bidder: B1, price: 120000, runs: [{json.dumps(str(runs / "reference"))}]}}
  - {{bidder: B2, price: 90000.50, runs: [{json.dumps(str(runs / "facade"))}]}}
"""
    (folder / "bids.yaml").write_text(bids, encoding="utf-8")
    return folder


def published(folder: Path) -> str:
    return (folder / "matrix.sha256").read_text().split()[0]


def evaluated(folder: Path, out: Path, *more: str | Path, **changed: Any) -> Result:
    arguments = {"--hash": published(folder), "--bids": folder / "bids.yaml", "--out": out} | changed
    flat = [each for pair in arguments.items() for each in pair]
    return call("evaluate", folder / "matrix.json", *flat, "--at", "2026-12-01T12:00:00Z", *more)


def test_new_and_freeze_write_what_is_published(frozen: Path) -> None:
    assert published(frozen) == sha256((frozen / "matrix.json").read_bytes()).hexdigest()
    for name in (
        "specification.de.md",
        "specification.en.html",
        "matrix.de.xlsx",
        "bidders-key.yaml",
        "details.yaml",
    ):
        assert (frozen / name).stat().st_size
    assert published(frozen) in (frozen / "specification.de.md").read_text(encoding="utf-8")


def test_nothing_is_overwritten(frozen: Path) -> None:
    assert "exists already" in refused(call("new", "ogcapi-features", "--out", frozen))
    again = succeeded(call("freeze", frozen / "tender.yaml"))
    assert published(frozen) in again
    text = (frozen / "tender.yaml").read_text(encoding="utf-8")
    other = frozen / "other.yaml"
    other.write_text(text.replace("runs: 1", "runs: 2", 1), encoding="utf-8")
    assert "Another frozen matrix" in refused(call("freeze", other))


def test_evaluation_excludes_the_facade_and_names_nobody(frozen: Path, tmp_path: Path) -> None:
    out = succeeded(evaluated(frozen, tmp_path))
    assert "Rank 1: B1" in out
    assert "excluded: B2" in out
    result = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert result["recomputed"]
    assert result["winners"] == ["B1"]
    for name in ("evaluation.json", "evaluation.de.html", "evaluation.en.html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert not [secret for secret in SECRETS if secret in text], name


def test_evaluation_is_the_same_every_time(frozen: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        succeeded(evaluated(frozen, tmp_path / name, "--no-recompute"))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_another_hash_is_refused(frozen: Path, tmp_path: Path) -> None:
    assert "not the published one" in refused(evaluated(frozen, tmp_path, **{"--hash": "0" * 64}))
    assert not list(tmp_path.iterdir())


def test_a_forged_verdict_is_refused(frozen: Path, runs: Path, tmp_path: Path) -> None:
    """Report and manifest made to agree, but the evidence says something else."""
    from conformance.run_folder import _sealed, file_digest, read_manifest, write_report

    forged = tmp_path / "forged"
    shutil.copytree(runs / "facade", forged)
    report = json.loads((forged / "report.json").read_text(encoding="utf-8"))
    for verdict in report["verdicts"]:
        verdict |= (
            {"outcome": "passed", "findings": [], "findings_total": 0}
            if verdict["outcome"] == "failed"
            else {}
        )
    write_report(forged, report)
    manifest = read_manifest(forged)
    manifest["files"]["report.json"] = file_digest(forged / "report.json")
    (forged / "manifest.json").write_bytes(_sealed(manifest))
    bids = tmp_path / "bids.yaml"
    text = (frozen / "bids.yaml").read_text(encoding="utf-8")
    bids.write_text(text.replace(str(runs / "facade"), str(forged)), encoding="utf-8")
    assert "do not follow from the evidence" in refused(
        evaluated(frozen, tmp_path / "out", **{"--bids": bids})
    )


def test_a_name_in_a_reason_is_refused(frozen: Path, runs: Path, tmp_path: Path) -> None:
    bids = tmp_path / "bids.yaml"
    text = (frozen / "bids.yaml").read_text(encoding="utf-8")
    override = (
        "overrides: [{criterion: ogcapi-features.landing.reachable, outcome: met, name: Muster, "
        'date: "2026-12-01", reason: Laut Fassade AG geht es, signature: Bl. 3}]'
    )
    bids.write_text(text.replace("}\n", f", {override}}}\n", 1), encoding="utf-8")
    key = tmp_path / "key.yaml"
    key.write_text("bidders:\n  B2: {name: Fassade AG}\n", encoding="utf-8")
    result = evaluated(frozen, tmp_path / "out", "--no-recompute", "--key", key, **{"--bids": bids})
    assert "The evaluation names B2" in refused(result)
    assert not (tmp_path / "out").exists()


def test_problems_in_files_have_their_line(frozen: Path, tmp_path: Path) -> None:
    bids = tmp_path / "bids.yaml"
    bids.write_text(
        (frozen / "bids.yaml").read_text().replace("bidder: B2", "bidder: Firma"), encoding="utf-8"
    )
    assert f"{bids}:5: bids.1.bidder" in refused(evaluated(frozen, tmp_path / "out", **{"--bids": bids}))
    assert "no file" in refused(evaluated(frozen, tmp_path / "out", **{"--bids": tmp_path / "none.yaml"}))


def test_protocol_with_remarks_and_same_plan(frozen: Path, runs: Path, tmp_path: Path) -> None:
    details = tmp_path / "details.yaml"
    (tmp_path / "remark.txt").write_text("We object.", encoding="utf-8")
    text = (frozen / "details.yaml").read_text(encoding="utf-8")
    details.write_text(
        text.replace("remarks: []}  #", "remarks: [{file: remark.txt}]}  #", 1), encoding="utf-8"
    )
    other = f"B1={runs / 'reference'}"
    succeeded(
        call("protocol", runs / "facade", "--details", details, "--other", other, "--out", tmp_path / "out")
    )
    document = json.loads((tmp_path / "out" / "protocol.json").read_text(encoding="utf-8"))
    assert (
        document["contents"]["hearing"]["tables"][0]["rows"][0][2]
        == "sha256:" + sha256(b"We object.").hexdigest()
    )
    assert (
        document["contents"]["time"]["fields"]["same_plan"]["value"]["en"] == "All 2 runs are equal in this."
    )
    assert (
        document["contents"]["reproduction"]["fields"]["replay"]["value"]["en"]
        == "same verdicts from the recordings"
    )
    assert "Grünfurt" not in json.dumps(document, ensure_ascii=False)
