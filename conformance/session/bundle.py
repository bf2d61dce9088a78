"""Files that the user adds to a run, such as official shapes: asked for like answers, and so part of the evidence.

They lie at addresses below ``https://bundle.invalid/`` (RFC 2606: a name that never resolves), so that a run is
recomputed years later from its evidence alone, whatever became of the folder.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from conformance.errors import UsageError
from conformance.model import BUNDLE_ROOT, Exchange, Request, Response, say
from conformance.session import failures
from conformance.session.adapter import Adapter
from conformance.session.urls import normal_url

LARGEST = 50_000_000  # bytes of one file
MOST = 500  # files
_TYPES = {
    ".ttl": "text/turtle",
    ".rdf": "application/rdf+xml",
    ".xml": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
}


class BundleAdapter(Adapter):
    """Answers for the files of a folder, and asks the platform's transport for everything else.

    Raises UsageError if the folder holds no file of shapes, or more than a bundle does.
    """

    def __init__(self, folder: Path, inner: Adapter) -> None:
        super().__init__()
        self.inner = inner
        self.addresses = inner.addresses
        found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if _wanted(p)}
        self._files = {_address(name): path for name, path in found.items()}
        if not 0 < len(self._files) <= MOST:
            raise UsageError(
                say(
                    "In {f} liegen {n} Dateien mit Shapes; brauchbar sind 1 bis {m}.",
                    "{f} holds {n} files of shapes; 1 to {m} can be used.",
                    f=folder,
                    n=len(self._files),
                    m=MOST,
                ),
                say(
                    "--bundle nennt einen Ordner mit .ttl, .rdf …", "--bundle names a folder of .ttl, .rdf …"
                ),
            )
        self.bundle = tuple(sorted(self._files))

    def exchange(self, request: Request, body: bytes = b"") -> Exchange:
        """A file of the bundle, or what the platform answers."""
        if not request.url.startswith(BUNDLE_ROOT):
            return self.inner.exchange(request, body)
        path = self._files.get(request.url)
        if path is None or path.stat().st_size > LARGEST:
            return Exchange(request, None, failures.not_in_dump(), "1970-01-01T00:00:00.000Z", 0.0)
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="milliseconds")
        headers = (("Content-Type", _TYPES[path.suffix.lower()]),)
        answer = Response(200, "OK", headers, path.read_bytes())
        return Exchange(request, answer, None, changed.replace("+00:00", "Z"), 0.0)

    def close(self) -> None:
        self.inner.close()


def _wanted(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in _TYPES


def _address(name: str) -> str:
    address = normal_url(BUNDLE_ROOT + quote(name))
    assert address is not None  # noqa: S101 - a fixed host and a quoted path
    return address
