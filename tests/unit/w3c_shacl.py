"""The W3C's tests of SHACL Core, as the source distribution of pySHACL carries them; not part of this repository.

``python -m tests.unit.w3c_shacl`` fetches it from the package index, held to its SHA-256, and unpacks the tests
into the cache. Tests skip visibly without them.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

DIGEST = "011e3cf1a68b31747cb762ba3d755ae1bdcc464c8fad0dc212a9adc550719552"
VERSION = "0.40.1"
FOLDER = Path(__file__).parents[2] / ".cache" / "w3c-shacl"
WITHIN = "test/resources/sht_tests/core/"


def fetch() -> None:
    if FOLDER.exists():
        return
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, f"pyshacl=={VERSION}", "--dest", name], check=True)
        archive = next(place.glob("*.tar.gz"))
        if hashlib.sha256(archive.read_bytes()).hexdigest() != DIGEST:
            sys.exit(f"{archive.name} is not the file that is expected")
        _unpack(archive, FOLDER)


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        for member in packed:
            _, _, name = member.name.partition("/")
            inner = PurePosixPath(name.removeprefix(WITHIN))
            if member.isfile() and name.startswith(WITHIN) and ".." not in inner.parts:
                target = folder / inner
                target.parent.mkdir(parents=True, exist_ok=True)
                content = packed.extractfile(member)
                assert content is not None
                target.write_bytes(content.read())


if __name__ == "__main__":
    fetch()
