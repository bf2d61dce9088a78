"""The bytes behind the File objects: small PDF documents and plain text."""

from dataclasses import dataclass
from hashlib import sha1, sha512

PDF, TEXT = "application/pdf", "text/plain"


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is stored, and under which name and media type it is handed out."""

    name: str
    media_type: str
    content: bytes
    modified: str

    @property
    def sha1(self) -> str:
        return sha1(self.content, usedforsecurity=False).hexdigest()

    @property
    def sha512(self) -> str:
        return sha512(self.content).hexdigest()


def render(text: str, media_type: str) -> bytes:
    """A document that says ``text``."""
    return pdf(text) if media_type == PDF else text.encode()


def pdf(text: str) -> bytes:
    """A valid PDF 1.4 of one page that shows the lines of ``text``."""
    lines = [line.translate(_ESCAPES).encode("cp1252", "replace") for line in text.splitlines()]
    shown = b"BT /F1 11 Tf 14 TL 60 780 Td " + b" ".join(b"(" + line + b") '" for line in lines) + b" ET"
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    return _numbered(bodies)


_ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})


def _numbered(bodies: list[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, len(out))
    return out + head + table + trailer
