"""Access to files (2.7 Dateizugriffe) and what a File object says about its content (3 File)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

from conformance.checks import Inapplicable, Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import Exchange, FaultOwner, Headers, Response, Subject, Text, literal, say
from conformance.session.http import Http, refuse_login
from conformance.standards.oparl.answers import HTML_TYPES, Answers, is_json_label, status_of, value_of
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.sampling import rank
from conformance.standards.oparl.tally import Tally
from conformance.standards.oparl.things import Thing, Things, is_url
from conformance.standards.oparl.windows import with_query

SAMPLE = 4  # files of which content is asked for
CLOSER = 2  # of these, files asked for again under conditions and in part
FIRST_BYTES = 10
DELETED = 2
DELETED_PAGES = 6
SMALL = 1000  # bytes below which servers do not compress

_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_PLAIN: Headers = (("Accept-Encoding", "identity"),)
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CONCEALED = re.compile(rb"redacted-[0-9a-f]{8}")  # what the session puts in place of secrets, also in files
HTTP_DATE = re.compile(rf"{_DAY}, \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT", re.ASCII)
ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_EXTENSION = re.compile(r"[a-z][a-z0-9]{1,4}", re.ASCII)
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A File object and the answer under one of its addresses, uncompressed."""

    thing: Thing
    exchange: Exchange

    @property
    def response(self) -> Response:
        """What came."""
        assert self.exchange.response is not None  # noqa: S101 - look() raises if nothing comes
        return self.exchange.response

    @property
    def success(self) -> bool:
        """Whether the file came."""
        return self.response.status == 200 and not self.is_page

    @property
    def is_page(self) -> bool:
        """Whether a web page came in place of a file that says to be something else."""
        said = self.thing.data.get("mimeType")
        other = isinstance(said, str) and bool(said) and "html" not in said.lower()
        return (
            other and self.response.media_type in HTML_TYPES and _MARKUP.match(self.response.body) is not None
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What came for a file asked for in another way than before (``plain``)."""

    plain: Fetched
    exchange: Exchange


# --- Which files --------------------------------------------------------------------------------------------------


@observation()
def sampled_files(files: Things, subject: Subject, seed: int) -> tuple[Thing, ...]:
    """Some files, of as many media types as possible; those said to be larger than allowed are left out.

    Raises Unavailable if all files are too large to be looked at.
    """
    best: dict[str, list[tuple[str, Thing]]] = {}
    too_large = 0
    for thing in files:
        size = thing.data.get("size")
        if not is_url(thing.data.get("accessUrl")) or thing.data.get("deleted") is True:
            continue
        if isinstance(size, int) and size > subject.limits.body_bytes:
            too_large += 1
            continue
        kept = best.setdefault(str(thing.data.get("mimeType")), [])
        place = (rank(seed, thing.data["accessUrl"]), thing)
        if all(thing.data["accessUrl"] != other.data["accessUrl"] for _, other in kept):
            kept[:] = sorted([*kept, place], key=lambda each: each[0])[:SAMPLE]
    if too_large and not best:
        raise Unavailable(_TOO_LARGE, FaultOwner.CONFIGURATION)
    return tuple(_taken_in_turn([[thing for _, thing in kept] for _, kept in sorted(best.items())]))


def _taken_in_turn(groups: list[list[Thing]]) -> list[Thing]:
    found: list[Thing] = []
    for number in range(SAMPLE):
        found += [group[number] for group in groups if number < len(group)]
    return found[:SAMPLE]


_TOO_LARGE = say(
    "Alle Dateien sind größer als limits.body_bytes in der Prüfgegenstands-Datei.",
    "All files are larger than limits.body_bytes in the subject file.",
)


@observation(requests=SAMPLE)
def accessed(wire: Http, sampled_files: tuple[Thing, ...]) -> tuple[Fetched, ...]:
    """The files under accessUrl; raises Unavailable if no answer to any comes from the platform itself."""
    return _fetched(wire, sampled_files, "accessUrl")


@observation(requests=SAMPLE)
def downloaded(wire: Http, sampled_files: tuple[Thing, ...]) -> tuple[Fetched, ...]:
    """The files under downloadUrl; likewise."""
    return _fetched(wire, sampled_files, "downloadUrl")


def _fetched(wire: Http, things: Iterable[Thing], member: str) -> tuple[Fetched, ...]:
    found, faults = [], []
    for thing in things:
        url = thing.data.get(member)
        if is_url(url):
            try:
                fetched = Fetched(thing, wire.get(url, headers=_PLAIN))
                if fetched.is_page:
                    refuse_login(fetched.exchange, asked="")
                found.append(fetched)
            except Unavailable as fault:
                faults.append(fault)
    if faults and not found:
        raise faults[0]
    return tuple(found)


def _again(wire: Http, plain: Fetched, headers: Headers) -> Asked | None:
    try:
        return Asked(plain, wire.get(plain.thing.data["accessUrl"], headers=(*_PLAIN, *headers)))
    except Unavailable:
        return None


def _good(accessed: Iterable[Fetched]) -> list[Fetched]:
    return [fetched for fetched in accessed if fetched.success]


# --- Access -------------------------------------------------------------------------------------------------------


@check("oparl.downloads.retrievable")
def retrievable(accessed: tuple[Fetched, ...], downloaded: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: each file comes by GET."""
    for fetched in (*accessed, *downloaded):
        yield expect(
            fetched.success,
            fetched,
            expected=say("Status 200 mit der Datei", "status 200 with the file"),
            got=say(
                "Status {n} ({type})", "status {n} ({type})", n=fetched.response.status, type=_type(fetched)
            ),
        )


def _type(fetched: Fetched) -> Text:
    return literal(fetched.response.media_type or "–")


@check("oparl.downloads.access-not-attachment")
def access_not_attachment(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: accessUrl is for looking."""
    for fetched in _good(accessed):
        kind, _ = disposition(fetched.response)
        yield expect(
            kind != "attachment",
            fetched,
            expected=say("kein attachment", "no attachment"),
            got=_header(fetched.response, "Content-Disposition"),
        )


@check("oparl.downloads.attachment-first")
def attachment_first(downloaded: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: downloadUrl is for saving."""
    for fetched in _good(downloaded):
        kind, _ = disposition(fetched.response)
        yield expect(
            kind == "attachment",
            fetched,
            expected="Content-Disposition: attachment; …",
            got=_header(fetched.response, "Content-Disposition"),
        )
    _need_downloads(downloaded)


@check("oparl.downloads.attachment-named")
def attachment_named(downloaded: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: and under which name; judged where there is the header at all."""
    for fetched in _good(downloaded):
        if fetched.response.header("content-disposition"):
            _, name = disposition(fetched.response)
            yield expect(
                bool(name.strip()),
                fetched,
                expected='Content-Disposition: …; filename="…"',
                got=_header(fetched.response, "Content-Disposition"),
            )
    _need_downloads(downloaded)


def _need_downloads(downloaded: tuple[Fetched, ...]) -> None:
    if not downloaded:
        raise Inapplicable(say("Keine Datei nennt eine downloadUrl.", "No file names a downloadUrl."))


def disposition(response: Response) -> tuple[str, str]:
    """Type and file name of Content-Disposition (RFC 6266); "" where there is none."""
    value = response.header("content-disposition")
    if not value:
        return "", ""
    message = Message()
    message["Content-Disposition"] = value.replace("\n", " ").replace("\r", " ")
    try:
        name = message.get_filename("") or ""
    except (LookupError, ValueError):  # an encoding nobody knows still shows that there is a name
        name = value
    return value.split(";")[0].strip().lower(), name


def _header(response: Response, name: str) -> Text:
    value = response.header(name)
    if value is None:
        return say("keine Kopfzeile {name}", "no header {name}", name=name)
    return literal(f"{name}: {value}"[:200])


@check("oparl.downloads.download-url-offered")
def download_url_offered(files: Things) -> Iterator[Look]:
    """2.7: recommended for each file."""
    tally = Tally()
    for thing in files:
        if thing.data.get("deleted") is True:
            continue
        if thing.data.get("downloadUrl"):
            tally.good(thing)
        else:
            tally.bad(thing, "downloadUrl", say("fehlt", "missing"), thing.pointer)
    yield from tally.looks()


# --- Headers ------------------------------------------------------------------------------------------------------


@check("oparl.downloads.last-modified-sent")
def last_modified_sent(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: when the file was last changed, as HTTP writes it (RFC 9110, 5.6.7)."""
    yield from _spelled(accessed, "Last-Modified", HTTP_DATE)


@check("oparl.downloads.etag-sent")
def etag_sent(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: which revision it is (RFC 9110, 8.8.3)."""
    yield from _spelled(accessed, "ETag", ENTITY_TAG)


def _spelled(accessed: tuple[Fetched, ...], name: str, pattern: re.Pattern[str]) -> Iterator[Look]:
    for fetched in _good(accessed):
        value = fetched.response.header(name)
        yield expect(
            value is not None and pattern.fullmatch(value) is not None,
            fetched,
            expected=say(
                "{name} in der Schreibweise von RFC 9110", "{name} as spelled by RFC 9110", name=name
            ),
            got=_header(fetched.response, name),
        )


@check("oparl.downloads.content-length-sent")
def content_length_sent(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: how long it is; the length of compressed content cannot be compared."""
    for fetched in _good(accessed):
        length = fetched.response.header("content-length")
        coded = (fetched.response.header("content-encoding") or "identity").lower() != "identity"
        fits = length is not None and (
            coded or _altered(fetched) or length.strip() == str(len(fetched.response.body))
        )
        yield expect(
            fits,
            fetched,
            expected=literal(f"Content-Length: {len(fetched.response.body)}"),
            got=_header(fetched.response, "Content-Length"),
        )


# --- Conditions and parts ---------------------------------------------------------------------------------------------


@observation(requests=CLOSER)
def since_answers(wire: Http, accessed: tuple[Fetched, ...]) -> tuple[Asked, ...]:
    """Files asked for with the time that was given with them."""
    return _revalidated(wire, accessed, "Last-Modified", HTTP_DATE, "If-Modified-Since")


@observation(requests=CLOSER)
def none_match_answers(wire: Http, accessed: tuple[Fetched, ...]) -> tuple[Asked, ...]:
    """Files asked for with the entity tag that was given with them."""
    return _revalidated(wire, accessed, "ETag", ENTITY_TAG, "If-None-Match")


def _revalidated(
    wire: Http, accessed: tuple[Fetched, ...], given: str, pattern: re.Pattern[str], condition: str
) -> tuple[Asked, ...]:
    values = [(f, f.response.header(given)) for f in _good(accessed)]
    usable = [(f, value) for f, value in values if value and pattern.fullmatch(value)]
    asked = (_again(wire, fetched, ((condition, value),)) for fetched, value in usable[:CLOSER])
    return tuple(each for each in asked if each)


@check("oparl.downloads.if-modified-since")
def if_modified_since(since_answers: tuple[Asked, ...], accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: what has not changed is not sent again."""
    _need(accessed, "Last-Modified", HTTP_DATE)
    yield from _not_modified(since_answers)


@check("oparl.downloads.if-none-match")
def if_none_match(none_match_answers: tuple[Asked, ...], accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """2.7: likewise."""
    _need(accessed, "ETag", ENTITY_TAG)
    yield from _not_modified(none_match_answers)


def _need(accessed: tuple[Fetched, ...], name: str, pattern: re.Pattern[str]) -> None:
    """Raises TooLittle if files come, but none with a header that a condition could be made of."""
    values = [fetched.response.header(name) for fetched in _good(accessed)]
    if values and not any(value and pattern.fullmatch(value) for value in values):
        raise TooLittle(say("Keine Datei kam mit {name}.", "No file came with {name}.", name=name))


def _not_modified(answers: tuple[Asked, ...]) -> Iterator[Look]:
    """304; a file that has changed in between (made anew for each request) says nothing."""
    for asked in answers:
        status = status_of(asked.exchange)
        if status == 200 and asked.exchange.response != asked.plain.response and _changed(asked):
            continue
        yield expect(
            status == 304,
            asked,
            expected=say("304, denn die Datei ist unverändert", "304, for the file is unmodified"),
            got=say("Status {n}", "status {n}", n=status),
        )


def _changed(asked: Asked) -> bool:
    response = asked.exchange.response
    return response is not None and response.body != asked.plain.response.body


@observation(requests=CLOSER)
def part_answers(wire: Http, accessed: tuple[Fetched, ...]) -> tuple[Asked, ...]:
    """The first bytes of files."""
    long = [f for f in _good(accessed) if len(f.response.body) > FIRST_BYTES]
    asked = (_again(wire, f, (("Range", f"bytes=0-{FIRST_BYTES - 1}"),)) for f in long[:CLOSER])
    return tuple(each for each in asked if each)


@check("oparl.downloads.partial")
def partial(part_answers: tuple[Asked, ...]) -> Iterator[Look]:
    """2.7 "Chunked GET": a part on request, or else transfer in chunks."""
    for asked in part_answers:
        response = asked.exchange.response
        whole = asked.plain.response
        chunked = "chunked" in (whole.header("transfer-encoding") or "").lower()
        part = response is not None and response.status == 206
        right = part and response is not None and response.body == whole.body[:FIRST_BYTES]
        yield expect(
            right or (chunked and not part),
            asked,
            expected=say("206 mit den ersten {n} Bytes", "206 with the first {n} bytes", n=FIRST_BYTES),
            got=say(
                "Status {n} mit {m} Bytes",
                "status {n} with {m} bytes",
                n=status_of(asked.exchange),
                m=len(response.body) if response else 0,
            ),
        )


@observation(requests=2)
def compressible_answers(
    wire: Http, accessed: tuple[Fetched, ...], api_answers: Answers
) -> tuple[Exchange, ...]:
    """A text-like file and the longest answer of the interface, asked for by a client that can unpack gzip."""
    texts = [f.exchange for f in _good(accessed) if _is_text(f.response) and len(f.response.body) >= SMALL]
    pages = [a.exchange for a in api_answers.successes if len(a.response.body) >= SMALL]
    longest = sorted(pages, key=lambda e: (-len(e.response.body) if e.response else 0, e.url))
    found = []
    for exchange in (*texts[:1], *longest[:1]):
        try:
            found.append(wire.get(exchange.request.url, headers=(("Accept-Encoding", "gzip"),)))
        except Unavailable:
            continue
    return tuple(found)


def _is_text(response: Response) -> bool:
    kind = response.media_type
    return kind.startswith("text/") or kind.endswith(("json", "xml"))


@check("oparl.downloads.compressed")
def compressed(compressible_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """2.7: compression is supported if one of the answers comes compressed."""
    codings = {
        e.id: (e.response.header("content-encoding") or "") if e.response else ""
        for e in compressible_answers
    }
    good = [e for e in compressible_answers if codings[e.id].strip().lower() not in ("", "identity")]
    for exchange in good or compressible_answers:
        yield expect(
            bool(good),
            exchange,
            expected="Content-Encoding: gzip",
            got=say("nicht komprimiert", "not compressed"),
        )


# --- Deleted files ------------------------------------------------------------------------------------------------


@observation(requests=DELETED_PAGES + DELETED)
def deleted_file_answers(wire: Http, files: Things, crawl: Crawl) -> tuple[Exchange, ...]:
    """What comes under accessUrl of files that are deleted but still name one."""
    urls = [t.data["accessUrl"] for t in files if _deleted_with_address(t.data)]
    if not urls:
        urls = list(_deleted_in_list(wire, crawl))
    found = []
    for url in list(dict.fromkeys(urls))[:DELETED]:
        try:
            found.append(wire.get(url, headers=_PLAIN))
        except Unavailable:
            continue
    return tuple(found)


def _deleted_with_address(data: Mapping[str, Any]) -> bool:
    return data.get("deleted") is True and is_url(data.get("accessUrl"))


def _deleted_in_list(wire: Http, crawl: Crawl) -> Iterator[str]:
    """Deleted files are only listed if modified_since is given (2.8); in 1.0 there is no list of files."""
    walk = next((w for w in crawl.walks if w.kind == "File" and w.owner.kind == "Body"), None)
    url = with_query(walk.url, [("modified_since", "1900-01-01T00:00:00+00:00")]) if walk else ""
    for _ in range(DELETED_PAGES):
        data = _page(wire, url) if url else {}
        entries = data.get("data")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and _deleted_with_address(entry):
                yield entry["accessUrl"]
        links = data.get("links")
        onward = links.get("next") if isinstance(links, dict) else None
        url = onward if is_url(onward) else ""


def _page(wire: Http, url: str) -> Mapping[str, Any]:
    try:
        data = value_of(asked_json(wire, url))
    except Unavailable:
        return {}
    return data if isinstance(data, dict) else {}


@check("oparl.downloads.deleted-gone")
def deleted_gone(deleted_file_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """2.7: 410 for what was deleted."""
    if not deleted_file_answers:
        raise TooLittle(
            say(
                "Kein gelöschtes Datei-Objekt nennt noch eine accessUrl.",
                "No deleted File object still names an accessUrl.",
            )
        )
    for exchange in deleted_file_answers:
        yield expect(
            status_of(exchange) == 410,
            exchange,
            expected=say("410 für eine gelöschte Datei", "410 for a deleted file"),
            got=say("Status {n}", "status {n}", n=status_of(exchange)),
        )


# --- What the object says about the content ---------------------------------------------------------------------------


@check("oparl.file.size-true")
def size_true(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """3 File, size: bytes of the file."""
    for fetched in _good(accessed):
        size = fetched.thing.data.get("size")
        if isinstance(size, int) and not isinstance(size, bool) and not _altered(fetched):
            yield expect(
                size == len(fetched.response.body),
                fetched,
                expected=say("{n} Bytes laut size", "{n} bytes according to size", n=size),
                got=say("{n} Bytes", "{n} bytes", n=len(fetched.response.body)),
            )


@check("oparl.file.sha1-true")
def sha1_true(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """3 File, sha1Checksum."""
    yield from _digest(
        accessed, "sha1Checksum", lambda body: hashlib.sha1(body, usedforsecurity=False).hexdigest()
    )


@check("oparl.file.sha512-true")
def sha512_true(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """3 File, sha512Checksum (1.1)."""
    yield from _digest(accessed, "sha512Checksum", lambda body: hashlib.sha512(body).hexdigest())


def _digest(accessed: tuple[Fetched, ...], member: str, digest: Callable[[bytes], str]) -> Iterator[Look]:
    for fetched in _good(accessed):
        said = fetched.thing.data.get(member)
        if isinstance(said, str) and said.strip() and not _altered(fetched):
            computed = digest(fetched.response.body)
            yield expect(
                said.strip().lower() == computed,
                fetched,
                expected=say(
                    "{name} {value}", "{name} {value}", name=member, value=literal(shown(said, 140))
                ),
                got=literal(computed),
            )


def _altered(fetched: Fetched) -> bool:
    """Whether the content may have been changed on its way into the evidence: personal data in JSON, or secrets."""
    return is_json_label(fetched.response.media_type) or _CONCEALED.search(fetched.response.body) is not None


_SAME_TYPE = {
    "application/x-pdf": "application/pdf",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "text/xml": "application/xml",
    "application/x-zip-compressed": "application/zip",
    "application/x-zip": "application/zip",
    "application/rtf": "text/rtf",
    "application/x-rtf": "text/rtf",
    "text/richtext": "text/rtf",
    "application/csv": "text/csv",
    "audio/mp3": "audio/mpeg",
    "application/x-msword": "application/msword",
    "image/x-tiff": "image/tiff",
}


@check("oparl.file.mime-type-true")
def mime_type_true(accessed: tuple[Fetched, ...]) -> Iterator[Look]:
    """3 File, mimeType: a media type, and the one that is sent; octet-stream says nothing against it."""
    for fetched in _good(accessed):
        said = fetched.thing.data.get("mimeType")
        if not isinstance(said, str) or not said.strip():
            continue
        name = said.split(";")[0].strip().lower()
        sent = fetched.response.media_type
        agree = sent in ("", "application/octet-stream", "binary/octet-stream") or _same(name) == _same(sent)
        yield expect(
            MEDIA_TYPE.fullmatch(name) is not None and agree,
            fetched,
            expected=say(
                "mimeType {name} wie im Content-Type",
                "mimeType {name} as in Content-Type",
                name=literal(shown(said, 80)),
            ),
            got=_header(fetched.response, "Content-Type"),
        )


def _same(media_type: str) -> str:
    return _SAME_TYPE.get(media_type, media_type)


@check("oparl.file.sha1-replaced")
def sha1_replaced(files: Things) -> Iterator[Look]:
    """3 File, sha1Checksum (1.1): outdated, sha512Checksum instead."""
    tally = Tally()
    for thing in files:
        if not thing.data.get("sha1Checksum"):
            continue
        if thing.data.get("sha512Checksum"):
            tally.good(thing)
        else:
            tally.bad(thing, "sha512Checksum", say("nur sha1Checksum", "sha1Checksum only"), thing.pointer)
    if not tally:
        raise Inapplicable(say("Keine Datei nennt eine SHA-1-Prüfsumme.", "No file names a SHA-1 checksum."))
    yield from tally.looks()


_EXTENSIONS = frozenset(
    (
        *(
            "pdf",
            "doc",
            "docx",
            "docm",
            "dot",
            "dotx",
            "odt",
            "ott",
            "rtf",
            "txt",
            "htm",
            "html",
            "xls",
            "xlsx",
        ),
        *(
            "ods",
            "csv",
            "ppt",
            "pptx",
            "odp",
            "jpg",
            "jpeg",
            "png",
            "gif",
            "tif",
            "tiff",
            "bmp",
            "svg",
            "zip",
        ),
        *("mp3", "mp4", "xml", "json", "eml", "msg", "dwg", "dxf"),
    )
)


@check("oparl.file.name-without-extension")
def name_without_extension(files: Things) -> Iterator[Look]:
    """3 File, name: a title, no file name."""
    tally = Tally()
    for thing in files:
        name = thing.data.get("name")
        if not isinstance(name, str) or not name.strip():
            continue
        extension = name.strip().rpartition(".")[2].lower() if "." in name else ""
        if extension in _EXTENSIONS | _own_extensions(thing):
            tally.bad(
                thing,
                say("ein Name ohne Dateiendung", "a name without file extension"),
                literal(f"….{extension}"),
                f"{thing.pointer}/name",
            )
        else:
            tally.good(thing)
    yield from tally.looks()


def _own_extensions(thing: Thing) -> frozenset[str]:
    """The extension of fileName, if it looks like one: "Bericht.2019" has none."""
    file_name = thing.data.get("fileName")
    extension = (
        file_name.rpartition(".")[2].lower() if isinstance(file_name, str) and "." in file_name else ""
    )
    return frozenset({extension} if _EXTENSION.fullmatch(extension) else ())


@check("oparl.file.derivatives-inverse")
def derivatives_inverse(files: Things, crawl: Crawl) -> Iterator[Look]:
    """3 File: masterFile and derivativeFile tell the same; either may be missing."""
    tally = Tally()
    for thing in files:
        master, derived = thing.data.get("masterFile"), thing.data.get("derivativeFile")
        other = _living(crawl, master)
        listed = other.data.get("derivativeFile") if other else None
        if isinstance(listed, list) and thing.url:
            _pair(tally, thing, thing.url in listed, "/masterFile", master)
        for index, url in enumerate(derived if isinstance(derived, list) else ()):
            part = _living(crawl, url)
            named = part.data.get("masterFile") if part else None
            if isinstance(named, str) and thing.url:
                _pair(tally, thing, named == thing.url, f"/derivativeFile/{index}", url)
    if not tally:
        raise TooLittle(
            say(
                "Kein Paar von Dateien nennt sich gegenseitig.",
                "No pair of files names each other.",
            )
        )
    yield from tally.looks()


def _living(crawl: Crawl, url: Any) -> Thing | None:
    found = crawl.lookup(url) if is_url(url) else None
    return found if found is not None and found.data.get("deleted") is not True else None


def _pair(tally: Tally, thing: Thing, holds: bool, pointer: str, other: Any) -> None:
    if holds:
        tally.good(thing)
    else:
        tally.bad(
            thing,
            say("der Gegenverweis in {url}", "the reference back in {url}", url=literal(other)),
            say("verweist auf andere Dateien", "refers to other files"),
            thing.pointer + pointer,
        )
