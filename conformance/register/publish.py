"""Files of the site on disk: what is the same is not written again, what is gone is removed.

``files.sha256`` lists every file with its digest (format of ``sha256sum``). Only files listed there by an
earlier build are ever removed; a folder with other content is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from conformance.errors import UsageError
from conformance.model import say

LIST = "files.sha256"


@dataclass(frozen=True, slots=True)
class Published:
    """What a build did, and how heavy the heaviest page is."""

    files: int
    bytes: int
    written: int
    removed: int
    heaviest: str
    heaviest_bytes: int


def publish(files: Iterable[tuple[str, bytes]], out: Path) -> Published:
    """Bring ``out`` to exactly these files."""
    before = _listed(out)
    digests: dict[str, str] = {}
    total = written = 0
    heaviest, weight = "", 0
    for name, content in files:
        digests[name] = sha256(content).hexdigest()
        total += len(content)
        written += _write(out / name, content, digests[name] == before.get(name))
        if name.endswith(".html") and len(content) > weight:
            heaviest, weight = name, len(content)
    gone = [name for name in before if name not in digests]
    for name in gone:
        (out / name).unlink(missing_ok=True)
    listing = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()
    _write(out / LIST, listing, known=False)
    return Published(len(digests), total, written, len(gone), heaviest, weight)


def _write(path: Path, content: bytes, known: bool) -> int:
    """Write unless the file holds these bytes already; ``known`` says the last build wrote them."""
    try:
        if known and path.stat().st_size == len(content) and path.read_bytes() == content:
            return 0
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return 1


def _listed(out: Path) -> dict[str, str]:
    """Files and digests of the earlier build; UsageError if the folder holds something else."""
    if not out.exists() or not any(out.iterdir()):
        return {}
    try:
        lines = (out / LIST).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(
            say("{o} ist nicht leer und kein Register.", "{o} is not empty and no register.", o=out),
            say("Einen leeren oder neuen Ordner nennen.", "Name an empty or new folder."),
        ) from error
    found = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return {name: digest for name, digest in found.items() if _inside(name)}


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name
