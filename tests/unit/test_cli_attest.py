"""``conformance attest`` and ``conformance verify`` of what it wrote: a real run, sealed, checked, recomputed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli_tools import conformance, schema_errors

from conformance.cli import main as main_module
from conformance.model import say

ISSUER = "name: Musterwerk GmbH\nid: https://musterwerk.example\nrole: {role}\n"


@pytest.fixture(autouse=True)
def _verb(monkeypatch: pytest.MonkeyPatch) -> None:
    verbs = {**main_module.VERBS, "attest": say("Für einen Lauf bürgen.", "Vouch for a run.")}
    monkeypatch.setattr(main_module, "VERBS", verbs)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of the façade, an issuer file and a test key."""
    from conformance.cli.demo_cmd import command

    folder = tmp_path_factory.mktemp("attest")
    command.main(["--out", str(folder / "demo")], standalone_mode=False, obj="en")
    for role in ("vendor", "buyer", "third-party"):
        (folder / f"{role}.yaml").write_text(ISSUER.format(role=role), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sealed(place: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main_module, "VERBS", {**main_module.VERBS, "attest": say("-", "-")})
        made = conformance("attest", "--new-key", place / "key.p12", "--issuer", place / "vendor.yaml")
        assert made.code == 0
        assert "TEST KEY" in made.out
        done = conformance(*attest(place, out=place / "sealed"), "--zip", lang="de")
    assert done.code == 0, done.all
    assert "Herstellererklärung urn:uuid:" in done.out
    assert "TESTSCHLÜSSEL" in done.out
    return place / "sealed"


def attest(place: Path, run: str = "facade", role: str = "vendor", out: Path | None = None) -> list[Any]:
    issuer, key = place / f"{role}.yaml", place / "key.p12"
    more = ["--out", out] if out else []
    return ["attest", place / "demo" / run, "--issuer", issuer, "--key", key, *more]


def test_the_folder_and_the_zip_verify_and_recompute(place: Path, sealed: Path) -> None:
    for target in (sealed, sealed.with_name("sealed.zip")):
        done = conformance("verify", target, "--trust", place / "key.ca.pem", "--json")
        assert done.code == 0, done.all
        assert schema_errors("attestation-verification", done.json()) == []
        assert done.json()["good"] is True
        assert done.json()["differences"] == []
    for name in ("report.json", "evidence.warc.gz", "manifest.json"):
        assert (sealed / name).read_bytes() == (place / "demo" / "facade" / name).read_bytes()


def test_verify_says_who_sealed_and_that_it_is_a_test_key(sealed: Path) -> None:
    done = conformance("verify", sealed)
    assert done.code == 0
    assert "all verdicts recomputed and the same" in done.out
    assert "Issued by Musterwerk GmbH" in done.out
    assert "Test key: no legal value" in done.out


@pytest.mark.parametrize("name", ["report.json", "evidence.warc.gz", "manifest.json", "attestation.pdf"])
def test_one_flipped_byte_ends_with_1_and_the_name_of_the_file(
    sealed: Path, tmp_path: Path, name: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(sealed, copy)
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    done = conformance("verify", copy)
    assert done.code == 1
    assert f"{name}: changed after it was sealed" in done.out


def test_withdrawn_attestations_are_told_from_the_list_beside_them(sealed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(sealed, copy)
    name = json.loads((copy / "attestation.json").read_bytes())["id"]
    reason = {"de": "Irrtum", "en": "Mistake"}
    withdrawn = [{"id": name, "reason": reason, "date": "2026-11-23"}]
    (tmp_path / "withdrawals.json").write_text(json.dumps(withdrawn), encoding="utf-8")
    done = conformance("verify", copy)
    assert done.code == 1
    assert "Withdrawn on 2026-11-23: Mistake" in done.out


def test_verdicts_that_do_not_follow_from_the_evidence_are_not_sealed(
    place: Path, sealed: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(place / "demo" / "facade", run)
    (run / "report.json").write_bytes((place / "demo" / "reference" / "report.json").read_bytes())
    arguments = attest(place)
    arguments[1] = run
    done = conformance(*arguments, "--out", tmp_path / "out")
    assert done.code == 1
    assert "report.json" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("role", "more", "told"),
    [
        ("vendor", ["--kind", "certificate"], "accredited third party"),
        ("third-party", ["--kind", "certificate"], "accredited third party"),
        ("vendor", ["--kind", "acceptance-note"], "made by the buyer"),
        ("vendor", ["--public", "--procedure", "2026-17"], "§ 5 VgV"),
        ("vendor", ["--valid-days", "0"], "--valid-days"),
        ("vendor", ["--key", "/nowhere.p12"], "/nowhere.p12"),
        ("vendor", ["--issuer", "/nowhere.yaml"], "/nowhere.yaml"),
    ],
)
def test_refusals_end_with_2_and_leave_nothing(
    place: Path, sealed: Path, tmp_path: Path, role: str, more: list[str], told: str
) -> None:
    done = conformance(*attest(place, role=role, out=tmp_path / "out"), *more)
    assert done.code == 2
    assert told in done.err
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(place: Path, sealed: Path) -> None:
    done = conformance(*attest(place, out=sealed))
    assert done.code == 2
    assert "cannot be made" in done.err
    again = conformance("attest", "--new-key", place / "key.p12")
    assert again.code == 2


def test_without_arguments_it_says_what_is_missing() -> None:
    done = conformance("attest")
    assert done.code == 2
    assert "--issuer" in done.err


def test_the_report_verb_writes_the_pdf(place: Path, tmp_path: Path) -> None:
    done = conformance("report", place / "demo" / "facade", "--format", "pdf", "--out", tmp_path / "r.pdf")
    assert done.code == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_a_plain_run_verifies_as_before(place: Path) -> None:
    done = conformance("verify", place / "demo" / "facade", "--json")
    assert done.code == 0
    assert done.json()["format"] == "conformance-verification/1"
