"""``--profile oparl`` without a version tests the newest that the platform says it speaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.choosing import spoken_profile
from conformance.errors import UsageError
from conformance.model import Subject
from conformance.reference import oparl

TYPE = "https://schema.oparl.org/{v}/System"


def dump(tmp_path: Path, version: str) -> Subject:
    system = {"id": "https://ris.example/s", "type": TYPE.format(v=version), "body": "https://ris.example/b"}
    (tmp_path / "system.json").write_text(json.dumps(system), "utf-8")
    return Subject("dump", "https://ris.example/s", source=str(tmp_path))


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_version_that_the_system_names_is_tested(tmp_path: Path, version: str) -> None:
    assert spoken_profile("oparl", dump(tmp_path, version)) == f"oparl/{version}"


def test_an_unknown_version_and_a_silent_platform_are_tested_with_the_newest(tmp_path: Path) -> None:
    assert spoken_profile("oparl", dump(tmp_path, "7.3")) == "oparl/1.1"
    gone = Subject("gone", "http://127.0.0.1:9/", allow_private=True)
    assert spoken_profile("oparl", gone) == "oparl/1.1"


def test_other_versions_beside_the_entry_point_count() -> None:
    with oparl.serve(oparl.application(version="1.0")) as server:
        url = server.url.rstrip("/") + oparl.ENTRY
        subject = Subject("both", url, allow_private=True)
        assert spoken_profile("oparl", subject) == "oparl/1.1"
        assert spoken_profile("oparl/1.0", subject) == "oparl/1.0"


def test_an_unknown_standard_is_told() -> None:
    with pytest.raises(UsageError):
        spoken_profile("oparll", Subject("x", "https://x.example/"))
