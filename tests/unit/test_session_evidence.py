"""Evidence: what is read back equals what was written, and damage is noticed."""

from __future__ import annotations

import io
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from conformance.errors import IntegrityError
from conformance.model import Exchange, Failure, FaultOwner, Request, Response, Text, Tls
from conformance.session.adapter import clean
from conformance.session.evidence import EvidenceWriter, read_evidence, records

TOKEN = "".join(sorted(set(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~")))
names = st.text(TOKEN, min_size=1, max_size=20) | st.sampled_from(
    ["Content-Length", "content-encoding", "Transfer-Encoding", "X-Archive-Orig-Content-Encoding", "Host",
     "x-archive-orig-a"]
)  # fmt: skip
values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
headers = st.lists(st.tuples(names, values), max_size=6).map(clean)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
urls = st.text(string.ascii_letters + string.digits + "/?&=%-._~:@!$'()*+,;", max_size=40).map(
    lambda path: f"https://platform.example:8443/{path}"
)
requests_ = st.builds(
    Request,
    st.sampled_from(["GET", "HEAD", "POST"]),
    urls,
    headers,
    st.integers(0, 3),
    st.binary(max_size=300),
)
responses = st.builds(
    Response,
    st.integers(100, 599),
    st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=20),
    headers,
    st.binary(max_size=3000),
)
failures = st.builds(Failure, st.text(max_size=9), st.sampled_from(FaultOwner), st.builds(Text, texts, texts))
moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
seconds = st.floats(0, 1e6)
tls = st.none() | st.builds(Tls, texts, texts, texts)
answered = st.builds(Exchange, requests_, responses, st.none(), moments, seconds, tls)
failed = st.builds(Exchange, requests_, st.none(), failures, moments, seconds, tls)
exchanges = st.lists(answered | failed, max_size=4, unique_by=lambda exchange: exchange.request.key)
slow = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None
)


def example(number: int = 1, body: bytes = b'{"a": 1}') -> Exchange:
    fields = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", "7"))
    return Exchange(
        Request("GET", f"https://platform.example/{number}", (("Accept", "application/json"),)),
        Response(200, "OK", fields, body),
        None,
        "2026-11-21T12:00:00.123Z",
        0.25,
    )


def write(path: Path, *written: Exchange, resume: bool = False) -> Path:
    with EvidenceWriter(path, resume=resume) as writer:
        for exchange in written:
            writer.write(exchange)
    return path


@slow
@given(exchanges)
def test_what_is_read_equals_what_was_written(tmp_path: Path, written: list[Exchange]) -> None:
    evidence = read_evidence(write(tmp_path / "e.warc.gz", *written))
    assert list(evidence.exchanges) == written
    assert not evidence.truncated


@slow
@given(exchanges.filter(bool), st.data())
def test_a_cut_file_keeps_all_complete_exchanges_and_can_be_resumed(
    tmp_path: Path, written: list[Exchange], data: st.DataObject
) -> None:
    path = write(tmp_path / "e.warc.gz", *written)
    whole = path.read_bytes()
    first = read_evidence(write(tmp_path / "empty.warc.gz")).intact
    cut = data.draw(st.integers(0, 10**6)) % len(whole)
    path.write_bytes(whole[:cut])
    evidence = read_evidence(path)
    kept = list(evidence.exchanges)
    assert kept == written[: len(kept)]
    assert len(kept) < len(written)
    assert evidence.truncated or evidence.intact == cut
    if cut > first + 40:
        write(path, *written[len(kept) :], resume=True)
        assert list(read_evidence(path).exchanges) == written
        assert path.read_bytes() == whole


@slow
@given(st.data())
def test_a_changed_octet_is_noticed(tmp_path: Path, data: st.DataObject) -> None:
    path = write(tmp_path / "e.warc.gz", example(1), example(2, b"x" * 500))
    octets = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, 10**6)) % len(octets)
    octets[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(octets)
    try:
        evidence = read_evidence(path)
    except IntegrityError:
        return
    assert evidence.truncated or evidence.exchanges == (example(1), example(2, b"x" * 500))


def test_zeros_after_a_crash_are_a_truncation(tmp_path: Path) -> None:
    path = write(tmp_path / "e.warc.gz", example())
    path.write_bytes(path.read_bytes() + bytes(4096))
    evidence = read_evidence(path)
    assert evidence.truncated
    assert evidence.exchanges == (example(),)


def test_the_last_answer_counts(tmp_path: Path) -> None:
    later = example(body=b"later")
    assert read_evidence(write(tmp_path / "e.warc.gz", example(), later)).exchanges == (later,)


def test_forged_content_is_noticed_by_its_digest(tmp_path: Path) -> None:
    import gzip

    path = write(tmp_path / "e.warc.gz", example())
    forged = gzip.decompress(path.read_bytes()).replace(b'{"a": 1}', b'{"a": 2}')
    members = [gzip.compress(part + b"\r\n\r\n") for part in forged.split(b"\r\n\r\nWARC/1.1")[:1]]
    parts = forged.split(b"WARC/1.1\r\n")[1:]
    members = [gzip.compress(b"WARC/1.1\r\n" + part) for part in parts]
    path.write_bytes(b"".join(members))
    with pytest.raises(IntegrityError):
        read_evidence(path)


def test_other_tools_can_read_it(tmp_path: Path) -> None:
    path = write(tmp_path / "e.warc.gz", example())
    with path.open("rb") as stream:
        seen = {}
        for record in ArchiveIterator(stream, check_digests="raise"):
            body = record.content_stream().read()
            seen[record.rec_type] = (
                record.rec_headers.get_header("WARC-Target-URI"),
                record.http_headers,
                body,
            )
    assert list(seen) == ["warcinfo", "request", "response", "metadata"]
    url, head, body = seen["response"]
    assert url == "https://platform.example/1"
    assert body == b'{"a": 1}'
    assert head.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert head.get_header("Content-Length") == "8"
    assert seen["request"][1].get_header("Host") == "platform.example"


def test_every_record_is_a_gzip_member_of_its_own() -> None:
    data = records(example())
    assert data.count(b"\x1f\x8b\x08") >= 3
    stream = io.BytesIO(data)
    reader = ArchiveIterator(stream)
    offsets = [reader.get_record_offset() for _ in reader]
    assert all(data[offset : offset + 2] == b"\x1f\x8b" for offset in offsets)


def test_the_same_exchanges_make_the_same_octets() -> None:
    assert records(example()) == records(example())


def test_what_is_no_evidence_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.warc.gz"
    path.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(IntegrityError):
        read_evidence(path)
