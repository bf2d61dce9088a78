"""Files that the user adds to a run (official shapes, value lists, documents): asked for like answers, and so part
of the evidence.

They lie at addresses below ``https://bundle.invalid/`` and ``https://vocabularies.invalid/`` (RFC 2606: names that
never resolve), so that a run is recomputed years later from its evidence alone, whatever became of the folders.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from conformance.errors import UsageError
from conformance.model import BESIDE, BUNDLE_ROOT, VOCABULARY_ROOT, Exchange, Request, Response, say
from conformance.session import failures
from conformance.session.adapter import Adapter
from conformance.session.mqtt import Listening
from conformance.session.urls import normal_url

LARGEST = 50_000_000  # bytes of one file
MOST = 500  # files
_TYPES = {
    ".ttl": "text/turtle",
    ".rdf": "application/rdf+xml",
    ".xml": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".ndjson": "application/x-ndjson",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


class BundleAdapter(Adapter):
    """Answers for the files of a folder and for value lists, and asks the platform's transport for everything else.

    Raises UsageError if the folder holds no file, or more than a bundle does.
    """

    def __init__(self, folder: Path | None, inner: Adapter, lists: Iterable[Path] = ()) -> None:
        super().__init__()
        self.inner = inner
        self.addresses = inner.addresses
        shapes = _shapes(folder) if folder is not None else {}
        own = {_address(VOCABULARY_ROOT, path.name): path for path in lists}
        self._files = shapes | own
        self.bundle = tuple(sorted(shapes))
        self.vocabularies = tuple(sorted(own))

    def exchange(self, request: Request) -> Exchange:
        """A file that the user adds, or what the platform answers."""
        if not request.url.startswith(BESIDE):
            return self.inner.exchange(request)
        path = self._files.get(request.url)
        if path is None or not path.is_file() or path.stat().st_size > LARGEST:
            return Exchange(request, None, failures.not_in_dump(), "1970-01-01T00:00:00.000Z", 0.0)
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="milliseconds")
        headers = (("Content-Type", _TYPES.get(path.suffix.lower(), "application/octet-stream")),)
        answer = Response(200, "OK", headers, path.read_bytes())
        return Exchange(request, answer, None, changed.replace("+00:00", "Z"), 0.0)

    def listen(self, request: Request) -> Listening:
        """Subscribe where the platform is."""
        return self.inner.listen(request)

    def close(self) -> None:
        self.inner.close()


def _shapes(folder: Path) -> dict[str, Path]:
    """The files of a bundle by address; hidden ones are no part of it."""
    found = {n: p for p in sorted(folder.rglob("*")) if _wanted(p, n := p.relative_to(folder).as_posix())}
    if not 0 < len(found) <= MOST:
        raise UsageError(
            say(
                "In {f} liegen {n} Dateien; brauchbar sind 1 bis {m}.",
                "{f} holds {n} files; 1 to {m} can be used.",
                f=folder,
                n=len(found),
                m=MOST,
            ),
            say(
                "--bundle nennt einen Ordner mit Shapes oder Nachweisen.",
                "--bundle names a folder of shapes or evidence.",
            ),
        )
    return {_address(BUNDLE_ROOT, name): path for name, path in found.items()}


def _wanted(path: Path, name: str) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in name.split("/"))


def _address(root: str, name: str) -> str:
    address = normal_url(root + quote(name))
    assert address is not None  # noqa: S101 - a fixed host and a quoted path
    return address
