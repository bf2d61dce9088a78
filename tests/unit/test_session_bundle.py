"""Files the user adds to a run: evidence like any answer, recomputed without the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.checks import Unavailable
from conformance.errors import UsageError
from conformance.model import Subject
from conformance.session.evidence import EvidenceWriter, read_shelf
from conformance.session.http import open_http
from conformance.session.replay import ReplayAdapter


def test_a_bundle_is_recorded_and_replayed_without_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shapes"
    (folder / "de").mkdir(parents=True)
    (folder / "de" / "a b.ttl").write_bytes(b"<s> <p> <o> .")
    (folder / ".README.md.swp").write_text("hidden", "utf-8")
    subject = Subject("x", "https://x.invalid/", bundle=str(folder))
    file = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(file) as evidence, open_http(subject, evidence=evidence) as http:
        (address,) = http.bundle_files
        assert address == "https://bundle.invalid/de/a%20b.ttl"
        answer = http.get(address).response
        assert answer is not None
        assert (answer.body, answer.media_type) == (b"<s> <p> <o> .", "text/turtle")
        with pytest.raises(Unavailable):
            http.get("https://bundle.invalid/other.ttl")
        assert http.sent == 0
    again = open_http(subject, transport=ReplayAdapter(read_shelf(file)))
    assert again.bundle_files == (address,)
    assert again.get(address).response == answer


def test_without_a_bundle_there_are_no_files() -> None:
    assert open_http(Subject("x", "https://x.invalid/")).bundle_files == ()


def test_a_folder_without_shapes_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        open_http(Subject("x", "https://x.invalid/", bundle=str(tmp_path)))
    assert "--bundle" in told.value.hint.en


def test_a_dump_keeps_its_own_addresses_beside_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "shapes").mkdir()
    (tmp_path / "dump" / "data.ttl").write_bytes(b"<s> <p> <o> .")
    (tmp_path / "shapes" / "s.ttl").write_bytes(b"<s> <p> <o> .")
    subject = Subject(
        "x", "https://x.invalid/", source=str(tmp_path / "dump"), bundle=str(tmp_path / "shapes")
    )
    file = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(file) as evidence, open_http(subject, evidence=evidence) as http:
        for address in (*(http.offline_files or ()), *http.bundle_files):
            http.get(address)
        live = (http.offline_files, http.bundle_files)
    again = open_http(subject, transport=ReplayAdapter(read_shelf(file), dump=True))
    assert (again.offline_files, again.bundle_files) == live
