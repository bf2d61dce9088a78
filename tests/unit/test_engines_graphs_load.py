"""Reading catalogues: four syntaxes, packed or not, broken, hostile, with and without pyoxigraph."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import catalogues
from conformance.engines.graphs import Columns, FileRead, Limits, Source, load
from conformance.engines.graphs.terms import shown

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
PARSERS = ["pyoxigraph", "rdflib"]
XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'


def read(name: str, content: bytes | str, parser: str = "", **options: object) -> tuple[list[str], FileRead]:
    body = content.encode() if isinstance(content, str) else content
    loaded = load([Source(name, body)], parser=parser, **options)  # type: ignore[arg-type]
    return lines(loaded.columns), loaded.files[0]


def lines(columns: Columns) -> list[str]:
    return sorted(" ".join(shown(term) for term in triple) for triple in columns.triples())


def alike(columns: Columns) -> Counter[tuple[bytes, ...]]:
    """Statements with blank nodes all alike."""
    return Counter(
        tuple(b"_" if term.startswith(b"_:") else term for term in triple) for triple in columns.triples()
    )


@pytest.mark.parametrize("parser", PARSERS)
def test_the_same_catalogue_in_four_syntaxes(tmp_path: Path, parser: str) -> None:
    graphs = []
    for suffix in catalogues.WRITERS:
        path = tmp_path / f"catalogue.{suffix}"
        catalogues.write(path, 20)
        loaded = load([Source(path.name, path)], parser=parser)
        assert loaded.files[0].trouble is None
        graphs.append(alike(loaded.columns))
    assert sum(graphs[0].values()) > 1000
    assert all(graph == graphs[0] for graph in graphs)


@pytest.mark.parametrize("parser", PARSERS)
def test_lexical_forms_stay(parser: str) -> None:
    literals = ['"05"^^<%s>', '"1.50"^^<%s>', '"+1"^^<%s>', '"x"^^<%s>']
    text = "".join(
        f"<http://e/s> <http://e/p> {one % 'http://www.w3.org/2001/XMLSchema#decimal'} .\n"
        for one in literals
    )
    found, _ = read(
        "x.nt", text + '<http://e/s> <http://e/p> "1"^^<http://www.w3.org/2001/XMLSchema#boolean> .', parser
    )
    assert [line.split(" ")[2].split("^")[0] for line in found] == ['"+1"', '"05"', '"1"', '"1.50"', '"x"']


@pytest.mark.parametrize("parser", PARSERS)
def test_terms_that_are_hard_to_cut(parser: str) -> None:
    found, file = read(
        "x.ttl",
        '<http://e/s> <http://e/p> """a " b . \n c \\\\ <x> .\n""", "x . "@de-AT . '
        "[] <http://e/p> [ <http://e/q> () ] .",
        parser,
    )
    assert file.statements == 4
    assert '<http://e/s> <http://e/p> "a \\" b . \\n c \\\\ <x> .\\n"' in found
    assert '<http://e/s> <http://e/p> "x . "@de-at' in found
    assert len([line for line in found if line.startswith("_:") and " _:" in line]) == 1


def test_blank_nodes_are_named_by_their_order_and_kept_apart_between_files() -> None:
    sources = [Source(name, b"_:x <http://e/p> _:y .") for name in ("a.nt", "b.nt")]
    assert lines(load(sources).columns) == ["_:b1 <http://e/p> _:b2", "_:b3 <http://e/p> _:b4"]


def test_bad_iris_are_reported_with_their_place_and_read_all_the_same() -> None:
    text = (
        "<http://e/ok> <http://e/p> <http://e/a b> .\n<relative> <http://e/p> <http://e/%zz>, <http://e/|> .\n"
        "<http://e/x .\ny> <http://e/p> <http://e/ok> . <http://e/s> <http://e/p> 1 ."
    )
    found, file = read("x.ttl", text)
    assert len(found) == file.statements == 5
    assert {(one.iri, one.line, one.column) for one in file.bad_iris} == {
        ("http://e/a b", 1, 29),
        ("relative", 2, 2),
        ("http://e/%zz", 2, 26),
        ("http://e/|", 2, 42),
        ("http://e/x .\ny", 0, 0),
    }


BROKEN = {
    "x.ttl": ("<http://e/s> <http://e/p> 1 .\n<http://e/s> <http://e/p> , .", 2),
    "x.nt": ('<http://e/s> <http://e/p> "1" .\n<http://e/s> "p" "1" .', 2),
    "x.jsonld": ('{"@id": "http://e/s",\n "http://e/p": [1, }', 2),
    "x.rdf": (
        f'{XML}\n<rdf:Description rdf:about="http://e/s">\n<e:p>1</e:q>\n</rdf:Description></rdf:RDF>',
        3,
    ),
    "cut.rdf": (f'{XML}\n<rdf:Description rdf:about="http://e/s">\n<e:p>1</e:p>', 3),
    "entity.rdf": (
        f'{XML}\n<rdf:Description rdf:about="http://e/s"><e:p>&x;</e:p></rdf:Description></rdf:RDF>',
        2,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("parser", PARSERS)
def test_a_broken_file_says_where_and_stops_no_other(name: str, parser: str) -> None:
    text, line = BROKEN[name]
    good = Source("good.nt", b'<http://e/s> <http://e/p> "good" .')
    loaded = load([good, Source(name, text.encode()), good], parser=parser)
    trouble = loaded.files[1].trouble
    assert trouble is not None
    assert trouble.kind in ("syntax", "unreadable")
    assert trouble.line == line or (parser == "rdflib" and trouble.line == 0)
    assert lines(loaded.columns) == ['<http://e/s> <http://e/p> "good"'] * 2


def doctype(inner: str, body: str = "&ns;x") -> str:
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [\n{inner}\n]>\n{XML}'
        f'<rdf:Description rdf:about="{body}"><e:p>&amp;{body}<!-- {body} --><![CDATA[{body}]]></e:p>'
        "</rdf:Description></rdf:RDF>"
    )


@pytest.mark.parametrize("parser", PARSERS)
def test_entities_for_namespaces_are_expanded(parser: str) -> None:
    entities = '<!ENTITY base "http://e/">\n<!ENTITY ns "&base;ns#"> <!-- <!ENTITY x SYSTEM "y"> -->'
    found, file = read("x.rdf", doctype(entities), parser)
    assert file.trouble is None
    assert found == ['<http://e/ns#x> <http://e/p> "&http://e/ns#x&ns;x"']


HOSTILE = {
    "laughs": doctype(
        "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol" * 10}">' for n in range(9)), "&a8;"
    ),
    "flood": doctype(f'<!ENTITY a "{"x" * 2000}">', "&a;" * 20_000),
    "external": doctype('<!ENTITY ns SYSTEM "file:///etc/passwd">'),
    "parameter": doctype('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;'),
    "markup": doctype('<!ENTITY ns "<e:p/>">'),
    "many": doctype("".join(f'<!ENTITY a{n} "x">' for n in range(300))),
    "endless": '<?xml version="1.0"?><!DOCTYPE rdf:RDF [' + "<!ELEMENT a ANY>" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("parser", PARSERS)
def test_hostile_document_types_are_refused(name: str, parser: str) -> None:
    _, file = read("x.rdf", HOSTILE[name], parser)
    assert file.trouble is not None
    assert file.trouble.kind == "entity"


def test_a_document_type_from_elsewhere_is_not_fetched() -> None:
    text = f'<!DOCTYPE rdf:RDF SYSTEM "http://127.0.0.1:9/x.dtd">{XML}<e:T rdf:about="http://e/x"/></rdf:RDF>'
    found, file = read("x.rdf", text)
    assert file.trouble is None
    assert len(found) == 1


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "windows-1252"])
def test_xml_in_other_encodings(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{XML}<rdf:Description rdf:about="http://e/s"><e:p>Größe</e:p></rdf:Description></rdf:RDF>'
    found, file = read("x.rdf", text.encode(encoding))
    assert file.trouble is None
    assert found == ['<http://e/s> <http://e/p> "Größe"']


def test_encodings_that_are_none() -> None:
    for name in ("zlib_codec", "nonsense"):
        _, file = read("x.rdf", f'<?xml version="1.0" encoding="{name}"?>{XML}</rdf:RDF>')
        assert file.trouble is not None


def test_a_byte_order_mark_is_no_statement() -> None:
    for name, text in (
        ("x.ttl", "<http://e/s> <http://e/p> 1 ."),
        ("x.jsonld", '{"@id":"http://e/s","http://e/p":1}'),
    ):
        assert read(name, "\ufeff" + text)[1].statements == 1


CONTEXT = "https://e.example/context.jsonld"
REMOTE = [
    {"@context": CONTEXT, "@id": "http://e/s", "title": "x"},
    {"@context": [{"x": "http://e/x"}, CONTEXT], "@id": "http://e/s", "title": "x"},
    {"@context": {"@import": CONTEXT}, "@id": "http://e/s", "title": "x"},
    {"@context": {"a": {"@id": "http://e/a", "@context": CONTEXT}}, "@id": "http://e/s", "a": {"title": "x"}},
]


@pytest.mark.parametrize("document", REMOTE, ids=str)
@pytest.mark.parametrize("parser", PARSERS)
def test_only_contexts_that_were_given_are_used(document: object, parser: str) -> None:
    text = json.dumps(document)
    _, file = read("x.jsonld", text, parser)
    assert file.trouble is not None
    assert file.trouble.kind == "context"
    assert CONTEXT in file.trouble.text.en
    given = {CONTEXT: {"@context": {"title": "http://purl.org/dc/terms/title"}}}
    found, file = read("x.jsonld", text, parser, contexts=given)
    assert file.trouble is None
    assert any('<http://purl.org/dc/terms/title> "x"' in line for line in found)


def test_a_context_hidden_behind_escapes_is_not_fetched_either() -> None:
    text = '{"\\u0040context": "http://127.0.0.1:9/c", "@id": "http://e/s", "title": "x"}'
    for parser in PARSERS:
        _, file = read("x.jsonld", text, parser)
        assert file.trouble is not None
        assert file.trouble.kind == "context"


def test_named_graphs_of_json_ld_count() -> None:
    text = '{"@id": "http://e/g", "@graph": [{"@id": "http://e/s", "http://e/p": "x"}]}'
    assert read("x.jsonld", text)[0] == ['<http://e/s> <http://e/p> "x"']


@pytest.mark.parametrize("parser", PARSERS)
def test_packed_files(parser: str) -> None:
    text = b'<http://e/s> <http://e/p> "x" .'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.nt", text)
        archive.writestr("folder/b.ttl.gz", gzip.compress(text))
        archive.writestr("broken.ttl", "<")
    sources = [Source("x.nt.gz", gzip.compress(text)), Source("x.zip", packed.getvalue())]
    loaded = load(sources, parser=parser)
    assert [file.name for file in loaded.files] == [
        "x.nt.gz",
        "x.zip!a.nt",
        "x.zip!folder/b.ttl.gz",
        "x.zip!broken.ttl",
    ]
    assert [file.statements for file in loaded.files] == [1, 1, 1, 0]
    assert len(loaded.columns) == 3


def test_bombs_are_bounded() -> None:
    limits = Limits(unpacked=200_000)
    blanks = b" " * 10_000_000
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.nt", blanks)
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.nt.gz", gzip.compress(blanks))
    for name, body in (
        ("a.nt.gz", gzip.compress(blanks)),
        ("a.zip", packed.getvalue()),
        ("b.zip", twice.getvalue()),
    ):
        _, file = read(name, body, limits=limits)
        assert file.trouble is not None
        assert file.trouble.kind == "too-large", name
    _, file = read("x.nt", b"<http://e/s> <http://e/p> 1 .\n" * 10_000, limits=Limits(unpacked=1000))
    assert file.trouble is not None
    lines_of = b'<http://e/s> <http://e/p> "1" .\n' * 10_000
    _, file = read("x.nt", lines_of, limits=Limits(statements=100))
    assert file.trouble is not None
    assert file.trouble.kind == "too-large"


def test_damaged_archives_say_so() -> None:
    for name, body in (
        ("x.nt.gz", b"\x1f\x8b\x08broken"),
        ("x.zip", b"PK\x03\x04broken"),
        ("x.gz", gzip.compress(b"<a>" * 9999)[:-40]),
    ):
        _, file = read(name, body)
        assert file.trouble is not None
        assert file.trouble.text.de != ""
    missing = load([Source("gone.ttl", Path("gone.ttl"))]).files[0]
    assert missing.trouble is not None
    assert missing.trouble.kind == "unreadable"


DEEP = {
    "array.jsonld": "[" * 100_000,
    "open.jsonld": '[{"http://e/p":' * 100_000,
    "closed.jsonld": '{"http://e/p":' * 5000 + "1" + "}" * 5000,
    "hidden.jsonld": '{"http://e/p":"]]]]}}}}' + '\\\\","http://e/q":{"a":"' * 300,
    "x.rdf": XML + "<e:T><e:p>" * 100_000 + "</e:p></e:T>" * 100_000 + "</rdf:RDF>",
    "x.ttl": "<http://e/s> <http://e/p> "
    + "<<( <http://e/s> <http://e/p> " * 100_000
    + "1"
    + " )>>" * 100_000
    + " .",
}


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", DEEP)
def test_what_is_nested_without_end_is_not_parsed(name: str, parser: str) -> None:
    """Some of these end the whole process if a parser sees them."""
    _, file = read(name, DEEP[name], parser)
    assert file.trouble is not None
    assert file.trouble.kind == "too-large"


def test_text_that_looks_nested_is_read() -> None:
    text = f'{XML}<rdf:Description rdf:about="http://e/s">' + "<e:p>x<![CDATA[<b><b><b>]]></e:p>" * 300
    found, file = read("x.rdf", text + "</rdf:Description></rdf:RDF>")
    assert file.trouble is None
    assert set(found) == {'<http://e/s> <http://e/p> "x<b><b><b>"'}
    found, file = read("x.jsonld", json.dumps({"@id": "http://e/s", "http://e/p": '[{"' * 500 + "\\"}))
    assert len(found) == 1
    assert read("x.ttl", '<http://e/s> <http://e/p> "' + "<< >> " * 999 + '" .')[1].statements == 1


def test_only_predicates_that_matter_are_kept() -> None:
    text = '<http://e/s> <http://e/p> "x" . <http://e/s> <http://e/q> "y" .'
    assert read("x.ttl", text, keep={b"<http://e/q>"})[0] == ['<http://e/s> <http://e/q> "y"']


def test_the_syntax_is_seen_in_the_content() -> None:
    assert read("export", f'{XML}<e:T rdf:about="http://e/x"/></rdf:RDF>')[1].statements == 1
    assert read("export", '{"@id": "http://e/s", "http://e/p": 1}')[1].statements == 1
    assert read("export", "<http://e/s> <http://e/p> 1 .")[1].statements == 1
    source = Source("x.ttl", b'{"@id": "http://e/s", "http://e/p": 1}', "application/ld+json; charset=utf-8")
    assert load([source]).files[0].statements == 1
