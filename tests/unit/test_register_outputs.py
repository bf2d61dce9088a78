"""What other programs read: badges, feed, API, CSV, JSON-LD, the DCAT-AP.de catalogue, and the command."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import register_samples as samples
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from register_samples import BASE, attestation, document, register_of

from conformance.cli import register_cmd
from conformance.model import Text
from conformance.register.api import schema_text
from conformance.register.badges import badge, badge_words
from conformance.register.entries import Register, Withdrawal
from conformance.register.opendata import COLUMNS, cell
from conformance.register.site import site_files

ATOM = "{http://www.w3.org/2005/Atom}"
SVG = "{http://www.w3.org/2000/svg}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def register() -> Register:
    taken_back = Withdrawal(
        samples.urn(7), Text("Fehler der Suite.", "Fault of the suite."), "2026-10-01T00:00:00Z"
    )
    hostile = attestation(9000, subject__name="=HYPERLINK(1)<b>&\u202e", subject__operator="@SUM(A1)")
    return register_of(*samples.many(300), document(hostile), withdrawals=[taken_back])


@pytest.fixture(scope="module")
def files(register: Register) -> dict[str, bytes]:
    return dict(site_files(register, samples.settings()))


def test_badges_are_well_formed_and_readable_as_text(register: Register, files: dict[str, bytes]) -> None:
    badges = {name: content for name, content in files.items() if name.startswith("badges/")}
    assert len(badges) == 2 * len(register.current)
    for name, content in badges.items():
        root = ET.fromstring(content)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert desc is not None
        assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        shown = [each.text or "" for each in root.iter(f"{SVG}text")]
        assert len(shown) == 3
        assert desc.text == shown[2]
        assert {each.tag for each in root.iter()} == {
            f"{SVG}{t}" for t in ("svg", "title", "desc", "g", "rect", "text")
        }
        assert re.search(r"\d\d\.\d\d\.\d{4}|\d{4}-\d\d-\d\d", shown[2]), name
        assert "Prüfstand 0.2.0" in shown[2]


def test_badge_of_what_is_withdrawn_or_on_trial_does_not_look_in_force(register: Register) -> None:
    withdrawn = next(e for e in register.current if e.status == "withdrawn")
    trial = next(e for e in register.current if e.test_key)
    assert badge_words(withdrawn, "de")[1] == "zurückgezogen"
    assert "Probeschlüssel" in badge_words(trial, "de")[2]
    for entry in (withdrawn, trial):
        assert not re.search("#007155|#c31c13|#844b00", badge(entry, "de"))


@pytest.mark.parametrize("lang", ["de", "en"])
def test_feed_is_valid_atom(files: dict[str, bytes], lang: str) -> None:
    """RFC 4287, sections 4.1.1 and 4.1.2: what must be there, once."""
    root = ET.fromstring(files[f"{lang}/feed.xml"])
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 50
    for each in (root, *entries):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"{ATOM}{name}")) == 1
            assert each.findtext(f"{ATOM}{name}")
        assert RFC3339.fullmatch(each.findtext(f"{ATOM}updated") or "")
        assert each.find(f"{ATOM}author/{ATOM}name") is not None
        assert each.find(f"{ATOM}author/{ATOM}email") is None
    ids = [each.findtext(f"{ATOM}id") for each in entries]
    assert len(set(ids)) == len(ids)
    updated = [each.findtext(f"{ATOM}updated") or "" for each in entries]
    assert updated == sorted(updated, reverse=True)
    assert root.findtext(f"{ATOM}updated") == updated[0]
    links = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert links["self"] == f"{BASE}{lang}/feed.xml"
    for each in entries:
        href = each.find(f"{ATOM}link").get("href")  # type: ignore[union-attr]
        assert str(href).removeprefix(BASE) in files


def test_api_keeps_its_schema_and_is_complete(register: Register, files: dict[str, bytes]) -> None:
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    names = [n for n in files if n.startswith("api/v1/") and n != "api/v1/schema.json"]
    for name in names:
        errors = [e.message[:300] for e in validator.iter_errors(json.loads(files[name]))]
        assert errors == [], name
    listed, following = [], json.loads(files["api/v1/index.json"])["entries"].rsplit("/")[-1]
    while following:
        page = json.loads(files[f"api/v1/{following}"])
        listed += [each["id"] for each in page["entries"]]
        assert all(each["entry"] in files for each in page["entries"])
        following = page["next"]
    assert listed == [e.id for e in register.entries]
    one = json.loads(files[f"api/v1/entry/{register.entries[0].slug}.json"])
    assert all(path in files for path in [*one["history"], *one["page"].values(), *one["badge"].values()])


def test_csv_has_every_entry_and_no_formula(register: Register, files: dict[str, bytes]) -> None:
    rows: list[dict[str, str]] = []
    for profile in register.profiles:
        reader = csv.DictReader(io.StringIO(files[f"data/{profile.slug}.csv"].decode(), newline=""))
        assert tuple(reader.fieldnames or ()) == COLUMNS
        rows += list(reader)
    assert {row["id"] for row in rows} == {e.id for e in register.entries}
    assert not [value for row in rows for value in row.values() if value[:1] in "=+-@\t\r" and value]
    hostile = next(row for row in rows if "HYPERLINK" in row["name"])
    assert hostile["name"].startswith("'=HYPERLINK")
    assert hostile["operator"] == "'@SUM(A1)"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", "|x", "%x"])
def test_cells_that_would_calculate(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("a=1") == "a=1"
    assert cell(-5 + 8) == "3"


def test_entries_as_linked_data(register: Register, files: dict[str, bytes]) -> None:
    graph = Graph()
    for profile in register.profiles:
        graph.parse(data=files[f"data/{profile.slug}.jsonld"], format="json-ld")
    earl = "http://www.w3.org/ns/earl#"
    assertions = set(graph.subjects(RDF.type, URIRef(f"{earl}Assertion")))
    assert assertions == {URIRef(e.id) for e in register.entries}
    for each in assertions:
        result = graph.value(each, URIRef(f"{earl}result"))
        assert str(graph.value(result, URIRef(f"{earl}outcome"))).removeprefix(earl) in (
            "passed",
            "failed",
            "cantTell",
        )


@pytest.fixture(scope="module")
def catalogue(files: dict[str, bytes]) -> Graph:
    return Graph().parse(data=files["data/catalog.ttl"], format="turtle")


def test_catalogue_is_the_same_in_both_notations(files: dict[str, bytes], catalogue: Graph) -> None:
    other = Graph().parse(data=files["data/catalog.jsonld"], format="json-ld")
    assert isomorphic(catalogue, other)


def test_catalogue_has_what_dcat_ap_de_demands(register: Register, catalogue: Graph) -> None:
    """DCAT-AP.de 3.0: mandatory properties, cardinality 1, classes of what is referred to."""
    (node,) = catalogue.subjects(RDF.type, DCAT.Catalog)
    datasets = list(catalogue.objects(node, DCAT.dataset))
    assert len(datasets) == len(register.profiles)
    for each in (node, *datasets):
        for wanted in (DCTERMS.title, DCTERMS.description):
            values = list(catalogue.objects(each, wanted))
            assert {v.language for v in values if isinstance(v, Literal) and str(v)} == {"de", "en"}
        (publisher,) = catalogue.objects(each, DCTERMS.publisher)
        assert (publisher, RDF.type, FOAF.Agent) in catalogue
        assert str(catalogue.value(publisher, FOAF.name))
    for each in datasets:
        assert (each, RDF.type, DCAT.Dataset) in catalogue
        for once in (DCTERMS.issued, DCTERMS.modified, DCTERMS.accessRights):
            assert len(list(catalogue.objects(each, once))) == 1
        assert len(list(catalogue.objects(each, DCAT.distribution))) == 2
    assert not [s for s in catalogue.subjects() if not isinstance(s, URIRef)]


def test_distributions_are_what_they_say(files: dict[str, bytes], catalogue: Graph) -> None:
    spdx = "http://spdx.org/rdf/terms#"
    for each in catalogue.subjects(RDF.type, DCAT.Distribution):
        (access,) = catalogue.objects(each, DCAT.accessURL)
        (licence,) = catalogue.objects(each, DCTERMS.license)
        content = files[str(access).removeprefix(BASE)]
        assert str(licence) == "http://dcat-ap.de/def/licenses/cc-zero"
        assert str(catalogue.value(each, DCAT.byteSize)) == str(len(content))
        digest = catalogue.value(
            catalogue.value(each, URIRef(f"{spdx}checksum")), URIRef(f"{spdx}checksumValue")
        )
        assert str(digest) == sha256(content).hexdigest()


def test_catalogue_names_no_mail_and_gives_credit_where_the_licence_asks() -> None:
    by = "http://dcat-ap.de/def/licenses/cc-by/4.0"
    register = register_of(document(attestation()))
    files = dict(site_files(register, samples.settings(licence=by)))
    text = files["data/catalog.ttl"].decode()
    assert "mailto:" not in text
    assert 'licenseAttributionByText "Verband der Musterstädte"' in " ".join(text.split())


# the command


def _verify(_folder: Path, *, now: datetime, trusted: tuple[()]) -> samples.Checked:
    return samples.Checked()


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setattr(register_cmd, "_verifier", lambda: _verify)
    return CliRunner().invoke(register_cmd.command, list(arguments), obj="de", standalone_mode=False)


def test_command_builds_and_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = tmp_path / "source", tmp_path / "site"
    running = attestation(99, publication={"public": True, "procedure": {"id": "1", "state": "running"}})
    samples.write_source(source, [*samples.many(6), document(running, source="award")])
    (source / "broken.zip").write_bytes(b"no zip")
    (source / "withdrawals.json").write_text(
        json.dumps(
            [{"id": samples.urn(1), "reason": {"de": "Fehler.", "en": "Fault."}, "date": "2026-10-01"}]
        )
    )
    (source / "register.json").write_text(json.dumps(samples.PUBLISHER))
    arguments = ["build", str(source), "--out", str(out), "--base-url", BASE, "--now", "2026-11-21"]
    built = _run(monkeypatch, *arguments)
    assert (built.exception, built.return_value) == (None, 0)
    assert "award" in built.output
    assert "broken.zip" in built.output
    assert "Verband der Musterstädte" in (out / "index.html").read_text()
    assert samples.urn(99)[9:] not in "".join(p.name for p in out.rglob("*"))
    again = _run(monkeypatch, *arguments)
    assert ", davon 0 neu geschrieben" in again.output
    checked = _run(monkeypatch, "check", str(source), "--now", "2026-11-21", "--json")
    assert checked.return_value == 1
    data = json.loads(checked.stdout)
    assert {r["code"] for r in data["refusals"]} == {"running-procedure", "not-verified"}
    assert [e["status"] for e in data["entries"] if e["id"] == samples.urn(1)] == ["withdrawn"]


@pytest.mark.parametrize(
    ("file", "content", "now"),
    [
        ("withdrawals.json", "{}", "2026-11-21"),
        ("register.json", "[]", "2026-11-21"),
        ("x.txt", "", "tomorrow"),
    ],
)
def test_command_names_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, content: str, now: str
) -> None:
    (tmp_path / file).write_text(content)
    arguments = ["build", str(tmp_path), "--out", str(tmp_path / "o"), "--base-url", BASE, "--now", now]
    assert type(_run(monkeypatch, *arguments).exception).__name__ == "UsageError"
