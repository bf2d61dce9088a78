"""A dump as subject: which files are found, where their documents lie, what the bytes are."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.checks import Unavailable
from conformance.errors import UsageError
from conformance.model import FaultOwner, Subject
from conformance.session.dump import DumpAdapter
from conformance.session.evidence import EvidenceWriter, read_shelf
from conformance.session.http import open_http
from conformance.session.replay import ReplayAdapter

BASE = "https://ris.example/oparl"


def thing(number: int, **more: object) -> dict[str, object]:
    return {"id": f"{BASE}/paper/{number}", "name": f"Nr. {number}", **more}


def page(*entries: object, self_: str = "") -> dict[str, object]:
    links = {"links": {"self": self_}} if self_ else {"links": {}}
    return {"data": list(entries), **links}


def held(path: Path) -> dict[str, bytes]:
    """Every document of a dump by address."""
    adapter = DumpAdapter(path)
    subject = Subject(name="dump", url=BASE, source=str(path))
    with open_http(subject, transport=adapter) as http:
        return {url: http.get(url).response.body for url in http.offline_files or ()}  # type: ignore[union-attr]


def test_an_object_lies_at_its_id_with_its_own_bytes(tmp_path: Path) -> None:
    odd = b'\xef\xbb\xbf{ "id": "https://ris.example/oparl/paper/1",\n "name": "a", "name": "b" }'
    (tmp_path / "paper.json").write_bytes(odd)
    assert held(tmp_path) == {f"{BASE}/paper/1": odd}


def test_a_page_lies_at_its_own_link_and_otherwise_its_entries_at_theirs(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(page(thing(1), self_=f"{BASE}/papers")), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(page(thing(2), thing(3))), encoding="utf-8")
    assert sorted(held(tmp_path)) == [f"{BASE}/paper/2", f"{BASE}/paper/3", f"{BASE}/papers"]


def test_arrays_lines_maps_gzip_and_folders(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "array.json.gz").write_bytes(gzip.compress(json.dumps([thing(1)]).encode()))
    (tmp_path / "lines.ndjson").write_text(f"{json.dumps(thing(2))}\n\n{json.dumps(thing(3))}\n", "utf-8")
    site = {"about": "x", "base": {f"{BASE}/system": {"type": "System"}, f"{BASE}/n": 5}}
    (tmp_path / "site.json").write_text(json.dumps(site), "utf-8")
    (tmp_path / "notes.txt").write_text("nothing", "utf-8")
    assert sorted(held(tmp_path)) == [*(f"{BASE}/paper/{n}" for n in (1, 2, 3)), f"{BASE}/system"]


def test_a_zip_is_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "dump.zip", "w") as archive:
        archive.writestr("x/one.json", json.dumps(thing(1)))
        archive.writestr("page.json", json.dumps(page()))
        archive.writestr("urls.json", json.dumps({f"{BASE}/papers": "page.json"}))
    assert sorted(held(tmp_path / "dump.zip")) == [f"{BASE}/paper/1", f"{BASE}/papers"]


@pytest.mark.parametrize("turned", [True, False])
def test_urls_json_says_where_files_belong_even_broken_ones(tmp_path: Path, turned: bool) -> None:
    (tmp_path / "broken.json").write_text("{", "utf-8")
    pair = {"broken.json": f"{BASE}/x"} if turned else {f"{BASE}/x": "broken.json"}
    (tmp_path / "urls.json").write_text(json.dumps(pair), "utf-8")
    assert held(tmp_path) == {f"{BASE}/x": b"{"}


def test_recorded_evidence_is_a_dump_too(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(thing(1)), "utf-8")
    subject = Subject(name="dump", url=BASE, source=str(tmp_path))
    file = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(file) as evidence, open_http(subject, evidence=evidence) as http:
        http.get(f"{BASE}/paper/1")
    assert list(held(file)) == [f"{BASE}/paper/1"]


def test_a_broken_file_is_told_with_its_line_and_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{\n "id": }', "utf-8")
    (tmp_path / "b.json").write_bytes(b"\x1f\x8bgarbage")
    (tmp_path / "c.json").write_text('{"name": "nowhere"}', "utf-8")
    (tmp_path / "d.json").write_text(json.dumps(thing(1)), "utf-8")
    adapter = DumpAdapter(tmp_path)
    told = [problem.en for problem in adapter.problems]
    assert [t.split()[0].strip(":") for t in told] == ["a.json", "b.json", "c.json"] or len(told) == 3
    assert any("line 2" in t for t in told)
    assert adapter.addresses == (f"{BASE}/paper/1",)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a b.ttl", "text/turtle"), ("x.rdf.gz", "application/rdf+xml"), ("x.jsonld", "application/ld+json")],
)
def test_an_rdf_file_is_a_document_under_its_name(tmp_path: Path, name: str, media_type: str) -> None:
    data = b"<s> <p> <o> ."
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    for path in (tmp_path, tmp_path / name):
        with open_http(Subject(name="dump", url=BASE, source=str(path))) as http:
            (url,) = http.offline_files or ()
            answer = http.get(url).response
            assert answer is not None
            assert (answer.body, answer.media_type) == (data, media_type)
            assert url.startswith("https://files.invalid/")


def test_nothing_usable_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as none:
        DumpAdapter(tmp_path / "missing")
    assert "missing" in none.value.text.en
    with pytest.raises(UsageError) as empty:
        DumpAdapter(tmp_path)
    assert "urls.json" in empty.value.hint.en


def test_what_only_a_platform_can_answer_is_nobodys_defect(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(thing(1)), "utf-8")
    subject = Subject(name="dump", url=BASE, source=str(tmp_path))
    url = f"{BASE}/paper/1"
    with open_http(subject) as http:
        assert http.get(url).response is not None
        for ask in (
            lambda: http.head(url),
            lambda: http.get(f"{BASE}/paper/2"),
            lambda: http.get(url, repeat=1),
            lambda: http.get(url, headers=(("Origin", "https://x.example"),)),
        ):
            with pytest.raises(Unavailable) as fault:
                ask()
            assert fault.value.owner is FaultOwner.CONFIGURATION


def test_a_recorded_dump_is_replayed_as_a_dump(tmp_path: Path) -> None:
    source = tmp_path / "dump"
    source.mkdir()
    (source / "one.json").write_text(json.dumps(thing(1)), "utf-8")
    subject = Subject(name="dump", url=BASE, source=str(source))
    file = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(file) as evidence, open_http(subject, evidence=evidence) as http:
        before = http.offline_files
        for url in before or ():
            http.look(url)
    again = open_http(subject, transport=ReplayAdapter(read_shelf(file), dump=True))
    assert again.offline_files == before == (f"{BASE}/paper/1",)


@given(st.lists(st.integers(0, 99), unique=True), st.booleans())
def test_every_object_of_an_array_is_found_once(numbers: list[int], spaced: bool) -> None:
    import tempfile

    text = json.dumps([thing(n, nested=[{"x": "]}"}]) for n in numbers], indent=2 if spaced else None)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.json").write_text(text, "utf-8")
        if numbers:
            found = held(Path(folder))
            assert {url: json.loads(body) for url, body in found.items()} == {
                f"{BASE}/paper/{n}": thing(n, nested=[{"x": "]}"}]) for n in numbers
            }
        else:
            with pytest.raises(UsageError):
                DumpAdapter(Path(folder))
