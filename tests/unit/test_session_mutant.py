"""Mutants: every operation, every condition, as adapter and as middleware; bad files are refused by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from conformance.checks import Unavailable
from conformance.errors import CatalogueError
from conformance.model import Failure, Request, Response, Subject
from conformance.session.http import open_http
from conformance.session.mutant import (
    Counts,
    Forward,
    Mutant,
    MutantAdapter,
    MutantMiddleware,
    MutantResponse,
    apply,
    below,
)
from conformance.session.mutant_graph import problem_in, update
from conformance.session.mutants import load_mutants
from conformance.session.wsgi import WsgiAdapter, call

DOCUMENT = {
    "title": "t",
    "links": [{"rel": "self", "href": "/a"}, {"rel": "next", "href": "/b"}],
    "n": [1, 2, 3],
}
BASE = "http://p.example/ogc"


def platform(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answers with its document and with what it was asked."""
    query, path = environ["QUERY_STRING"], environ["PATH_INFO"]
    body = json.dumps({**DOCUMENT, "path": path, "query": query, "accept": environ.get("HTTP_ACCEPT", "")})
    fields = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("ETag", '"1"')]
    start_response("404 Not Found" if path.endswith("/missing") else "200 OK", fields)
    return [body.encode()]


def load(tmp_path: Path, steps: str, head: str = "") -> Mutant:
    """One mutant with these steps (YAML flow)."""
    text = f"- id: m\n  kind: environment\n  fault: Something is broken here.\n{head}  steps: {steps}\n"
    file = tmp_path / "mutants.yaml"
    file.write_text(text, encoding="utf-8")
    return load_mutants(file)[0]


def ask(mutant: Mutant, path: str = "/items", accept: str = "application/json") -> Response:
    subject = Subject("x", BASE)
    with open_http(subject, transport=MutantAdapter(WsgiAdapter(platform), mutant, BASE)) as http:
        response = http.look(BASE + path, accept=accept).response
    assert response is not None
    return response


def body_of(response: Response) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(response.body)
    return data


@pytest.mark.parametrize(
    ("operation", "member", "value"),
    [
        ("{op: remove, at: '$.title'}", "title", None),
        ("{op: remove, at: \"$.links[?@.rel=='self']\"}", "links", DOCUMENT["links"][1:]),
        ("{op: remove, at: '$.n[*]'}", "n", []),
        ("{op: remove, at: '$.n[0,2]'}", "n", [2]),
        ("{op: set, at: '$.title', to: x}", "title", "x"),
        ("{op: set, at: '$.fresh', to: {a: [1]}}", "fresh", {"a": [1]}),
        ("{op: set, at: \"$['fresh']\", to: null}", "fresh", None),
        ("{op: set, at: '$.n[1]', to: 9}", "n", [1, 9, 3]),
        ("{op: append, at: '$.n', to: 4}", "n", [1, 2, 3, 4]),
        ("{op: rename, at: '$.links', to: Links}", "Links", DOCUMENT["links"]),
    ],
)
def test_json_operations(tmp_path: Path, operation: str, member: str, value: Any) -> None:
    mutant = load(tmp_path, f"[{{response: {{json: [{operation}]}}}}]")
    response = ask(mutant)
    data = body_of(response)
    assert data.get(member) == value
    assert response.header("content-length") == str(len(response.body))
    if "rename" in operation:
        assert list(data)[:3] == ["title", "Links", "n"]
    if "remove" in operation and value is None:
        assert member not in data


def test_set_adds_a_member_to_every_parent(tmp_path: Path) -> None:
    data = body_of(ask(load(tmp_path, "[{response: {json: [{op: set, at: '$.links[*].type', to: t}]}}]")))
    assert [link["type"] for link in data["links"]] == ["t", "t"]


@pytest.mark.parametrize(
    ("response", "check"),
    [
        ("{status: 500}", lambda r: r.status == 500),
        ("{set_headers: {content-TYPE: text/xml}}", lambda r: r.header("Content-Type") == "text/xml"),
        ("{set_headers: {X-New: true}}", lambda r: r.header("x-new") == "true"),
        ("{drop_headers: [etag]}", lambda r: r.header("etag") is None),
        ("{text: [['\"title\"', '\"Title\"'], ['T', 'Q']]}", lambda r: b'"Qitle"' in r.body),
        ("{body: 'ä'}", lambda r: r.body == "ä".encode() and r.header("content-length") == "2"),
        ("{body: '{\"a\": 1}', json: [{op: set, at: $.a, to: 2}]}", lambda r: r.body == b'{"a": 2}'),
        ("{body: 'no json', json: [{op: remove, at: $.a}]}", lambda r: r.body == b"no json"),
    ],
)
def test_response_changes(tmp_path: Path, response: str, check: Any) -> None:
    assert check(ask(load(tmp_path, f"[{{response: {response}}}]")))


@pytest.mark.parametrize(
    ("request_", "member", "value"),
    [
        ("{drop_query: [bbox]}", "query", "limit=5&f=json"),
        ("{set_query: {limit: 10}}", "query", "bbox=1,2&f=json&limit=10"),
        ("{set_path: /other}", "path", "/ogc/other"),
        ("{set_headers: {Accept: text/html}}", "accept", "text/html"),
        ("{drop_headers: [accept]}", "accept", ""),
    ],
)
def test_request_changes(tmp_path: Path, request_: str, member: str, value: str) -> None:
    response = ask(load(tmp_path, f"[{{request: {request_}}}]"), "/items?bbox=1,2&limit=5&f=json")
    assert body_of(response)[member] == value


@pytest.mark.parametrize(
    ("when", "hit"),
    [
        ("{}", True), ("{path: '^/items$'}", True), ("{path: '^/ogc'}", False), ("{method: GET}", True),
        ("{method: HEAD}", False), ("{query: {f: '^js'}}", True), ("{query: {f: html}}", False),
        ("{query: {g: ''}}", False), ("{accept: json}", True), ("{accept: html}", False),
        ("{status: 200}", True), ("{status: 404}", False), ("{media_type: application/json}", True),
        ("{media_type: text/html}", False),
    ],
)  # fmt: skip
def test_conditions(tmp_path: Path, when: str, hit: bool) -> None:
    mutant = load(tmp_path, f"[{{when: {when}, response: {{status: 418}}}}]")
    assert (ask(mutant, "/items?f=json").status == 418) is hit


@pytest.mark.parametrize("kind", ["timeout", "refused", "reset", "tls", "dns", "truncated"])
def test_failures(tmp_path: Path, kind: str) -> None:
    mutant = load(tmp_path, f"[{{when: {{path: ^/items}}, failure: {kind}}}]")
    adapter = MutantAdapter(WsgiAdapter(platform), mutant, BASE)
    with open_http(Subject("x", BASE), transport=adapter) as http:
        with pytest.raises(Unavailable):
            http.get(BASE + "/items")
        assert [e.failure.kind for e in http.exchanges() if e.failure] == [kind]
        assert http.get(BASE + "/").response is not None
    assert adapter.counts.changed == 1


def test_a_failure_can_depend_on_the_answer(tmp_path: Path) -> None:
    mutant = load(tmp_path, "[{when: {status: 404}, failure: reset}]")
    assert ask(mutant, "/items").status == 200
    with pytest.raises(Unavailable):
        ask(mutant, "/missing")


def test_first_n_only(tmp_path: Path) -> None:
    mutant = load(tmp_path, "[{when: {path: items}, response: {status: 503}, first: 2}]")
    adapter = MutantAdapter(WsgiAdapter(platform), mutant, BASE)
    with open_http(Subject("x", BASE), transport=adapter) as http:
        seen = [http.look(f"{BASE}/items?n={n}").response for n in range(4)]
    assert [response.status for response in seen if response] == [503, 503, 200, 200]
    assert adapter.counts.changed == 2


def test_steps_work_together(tmp_path: Path) -> None:
    steps = "[{request: {set_query: {limit: 1}}}, {response: {json: [{op: remove, at: $.title}]}}]"
    data = body_of(ask(load(tmp_path, steps)))
    assert data["query"] == "limit=1"
    assert "title" not in data


def doubled(request: Request, forward: Forward) -> MutantResponse:
    """Asks twice, as only a program can."""
    first, second = forward(request), forward(request)
    assert isinstance(first, Response)
    assert isinstance(second, Response)
    return Response(first.status, "", (), first.body + second.body)


def test_python(tmp_path: Path) -> None:
    response = ask(load(tmp_path, f"[{{python: '{__name__}:doubled'}}]"))
    assert response.body.count(b'"title"') == 2


def test_a_mutant_that_finds_nothing_changes_no_octet(tmp_path: Path) -> None:
    mutant = load(
        tmp_path, "[{response: {json: [{op: remove, at: $.nothing}, {op: append, at: $.title, to: 1}]}}]"
    )
    counts = Counts()
    original = Response(200, "OK", (), b'{ "title" : 1.0 }')
    assert apply(mutant, Request("GET", "http://h/"), lambda _: original, counts) == original
    assert counts.changed == 0


def test_apply_is_a_function_of_request_and_forward(tmp_path: Path) -> None:
    mutant = load(tmp_path, "[{response: {status: 404}}]")
    original = Response(200, "OK", (), b"")
    request = Request("GET", "http://h/")
    answers = {str(apply(mutant, request, lambda _: original, Counts())) for _ in range(3)}
    assert len(answers) == 1
    failure = apply(mutant, request, lambda _: Failure("reset", None, None), Counts())  # type: ignore[arg-type]
    assert isinstance(failure, Failure)


@pytest.mark.parametrize(
    ("path", "base", "rest"),
    [
        ("/a/b", "/a", "/b"),
        ("/a", "/a/", "/"),
        ("/a/", "/a", "/"),
        ("/ab", "/a", None),
        ("/x", "", "/x"),
        ("", "", "/"),
    ],
)
def test_paths_below_the_base(path: str, base: str, rest: str | None) -> None:
    assert below(path, base) == rest


def test_as_middleware(tmp_path: Path) -> None:
    steps = (
        "[{when: {path: ^/items$, accept: json}, request: {drop_query: [bbox]}, "
        "response: {status: 404, json: [{op: remove, at: $.title}]}}]"
    )
    app = MutantMiddleware(platform, load(tmp_path, steps), BASE)
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {
        "PATH_INFO": "/items",
        "SCRIPT_NAME": "/ogc",
        "QUERY_STRING": "bbox=1&f=json",
        "HTTP_ACCEPT": "application/json",
    }
    response = call(app, environ)
    assert response.status == 404
    data = body_of(response)
    assert (data["query"], data["path"]) == ("f=json", "/items")
    assert "title" not in data
    assert app.counts.changed == 1
    unchanged = call(app, {**environ, "HTTP_ACCEPT": "text/html"})
    assert (unchanged.status, body_of(unchanged)["title"]) == (200, "t")


def test_a_failure_breaks_the_connection_of_the_middleware(tmp_path: Path) -> None:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    with pytest.raises(ConnectionAbortedError):
        call(MutantMiddleware(platform, load(tmp_path, "[{failure: reset}]")), environ)


def test_everything_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "m.yaml"
    file.parent.mkdir()
    file.write_text(
        "- id: landing-404\n  kind: mutant\n  requirement: ogcapi-features.landing.reachable\n"
        "  fault: The landing page answers 404.\n"
        "  changes: {ogcapi-features.landing.status-200: untested}\n"
        "  steps:\n    - when: {path: '^/$'}\n      response: {status: 404}\n",
        encoding="utf-8",
    )
    (mutant,) = load_mutants(tmp_path)
    assert mutant.requirement == "ogcapi-features.landing.reachable"
    assert mutant.changes == (("ogcapi-features.landing.status-200", "untested"),)
    assert mutant.declared_at == f"{file}:1"


@pytest.mark.parametrize(
    ("steps", "line", "word"),
    [
        ("[{when: {path: '('}, failure: tls}]", 4, "regular expression"),
        ("[{response: {json: [{op: remove, at: '$.a['}]}}]", 4, "JSONPath"),
        ("[{response: {text: [['(', '']]}}]", 4, "regular expression"),
        ("[{response: {json: [{op: delete, at: '$.a'}]}}]", 4, "delete"),
        ("[{response: {json: [{op: set, at: '$.a'}]}}]", 4, "to"),
        ("[{failure: flood}]", 4, "flood"),
        ("[{when: {path: x}}]", 4, ""),
        ("[]", 4, ""),
        ("[{respond: {}}]", 4, "respond"),
    ],
)
def test_bad_files_are_refused_with_their_line(tmp_path: Path, steps: str, line: int, word: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, steps)
    assert caught.value.problems
    assert all(
        problem.startswith(f"{tmp_path / 'mutants.yaml'}:{line}: ") for problem in caught.value.problems
    )
    assert word in str(caught.value)


def test_kind_and_requirement_belong_together_and_ids_are_unique(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        load(tmp_path, "[{failure: tls}]", "  requirement: a.b\n")
    text = "- {id: a, kind: mutant, fault: Something is broken., steps: [{failure: tls}]}\n"
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError):
        load_mutants(tmp_path / "x.yaml")
    for name in ("x.yaml", "y.yaml"):
        (tmp_path / name).write_text(text.replace("mutant", "decoy"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="already used"):
        load_mutants(tmp_path)


# --- RDF ------------------------------------------------------------------------------------------

TURTLE = b'@prefix e: <https://e.example/> . e:a e:name "A" ; e:size "01"^^<http://www.w3.org/2001/XMLSchema#integer> .'


def test_statements_are_changed_by_sparql_and_keep_their_spelling() -> None:
    change = 'DELETE { ?s ?p "A" } INSERT { ?s ?p "B" } WHERE { ?s ?p "A" }'
    changed = update(TURTLE, "text/turtle", change).decode()
    assert '"B"' in changed
    assert '"A"' not in changed
    assert '"01"^^' in changed


def test_what_an_update_does_not_touch_stays_octet_for_octet() -> None:
    nothing = "DELETE WHERE { ?s <https://e.example/none> ?o }"
    assert update(TURTLE, "text/turtle", nothing) is TURTLE
    assert update(b"{}", "application/json", nothing) == b"{}"


def test_an_update_that_does_not_compile_is_told() -> None:
    assert problem_in("DELETE WHERE { ?s ?p ?o }") == ""
    assert problem_in("DELETE ?s") != ""
