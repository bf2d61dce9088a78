"""The OpenAPI engine: which requests it sends, and what it makes of the answers."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import yaml

from conformance.checks import Look, Unavailable
from conformance.engines import EngineFault, openapi
from conformance.errors import CatalogueError
from conformance.model import Exchange, Failure, FaultOwner, Request, Response, Subject, say
from conformance.reference.ogcapi_features import application
from conformance.session.http import open_http
from conformance.session.wsgi import WsgiAdapter

ROOT = Path(__file__).parents[2]
PROFILE = yaml.safe_load((ROOT / "profiles/ogcapi-features/1.0.1/openapi.yaml").read_text())
BASE = "http://platform.example"
VALUES = {"base": (BASE,), "collectionId": ("spielplaetze",), "featureId": ("sp 010",)}
LIMIT = "ogcapi-features.query.invalid-limit-rejected"
BBOX = "ogcapi-features.query.malformed-bbox-rejected"
DATETIME = "ogcapi-features.query.malformed-datetime-rejected"
STATUS = "ogcapi-features.items.status-200"
Platform = Callable[[Request], Response | Failure]


class Spy(requests.adapters.BaseAdapter):
    """A platform in this process that remembers every request, whatever its method."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self.platform = platform
        self.requests: list[Request] = []

    def send(self, prepared, **_options):
        request = Request(prepared.method, prepared.url, tuple(prepared.headers.items()))
        self.requests.append(request)
        answer = self.platform(request)
        if isinstance(answer, Failure):
            raise requests.ConnectionError(answer.text.en)
        response = requests.Response()
        response.status_code, response.reason = answer.status, answer.reason
        response.headers.update(dict(answer.headers))
        response._content, response.url, response.request = answer.body, prepared.url, prepared
        return response

    def close(self) -> None:
        pass


class FakeHttp:
    """What the engine needs of the one session: GET, and exchanges with ids."""

    def __init__(self, platform: Platform) -> None:
        self.spy = Spy(platform)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount("http://", self.spy)

    def look(self, url: str, *, accept: str = "") -> Exchange:
        answer = self.session.get(url, headers={"Accept": accept})
        response = Response(answer.status_code, answer.reason, tuple(answer.headers.items()), answer.content)
        return Exchange(Request("GET", url), response, None, "2026-01-01T00:00:00Z", 0.0)


def reference(request: Request) -> Response | Failure:
    exchange = WsgiAdapter(application()).exchange(request)
    return exchange.response or exchange.failure


def always(status: int, body: str = "{}", media_type: str = "application/json") -> Platform:
    return lambda _request: Response(status, "", (("Content-Type", media_type),), body.encode())


def judged(platform: Platform, values=VALUES, profile=PROFILE, **options):
    http = FakeHttp(platform)
    return openapi.judge(profile, values, http, 1, **options), http.spy.requests


def failed(looks: tuple[Look, ...]) -> list[str]:
    return [look.finding.got.en for look in looks if look.finding]


def sent(parameter: str, values=VALUES) -> set[str]:
    plain = tuple(sorted((k, tuple(v)) for k, v in values.items() if k != "base"))
    found = openapi.probes(json.dumps(PROFILE), plain, 1, 200)
    return {dict(probe.query)[parameter] for probe in found if probe.parameter == parameter}


def test_the_reference_platform_passes_everything():
    looks, requests_sent = judged(reference)
    assert {name: failed(seen) for name, seen in looks.items()} == {name: [] for name in looks}
    assert set(looks) == {LIMIT, BBOX, DATETIME, STATUS}
    assert all(len(seen) >= 6 for seen in looks.values())
    assert len(requests_sent) == openapi.TOTAL


def test_the_reference_platform_passes_every_probe_there_is():
    looks, requests_sent = judged(reference, total=10_000)
    assert {name: failed(seen) for name, seen in looks.items()} == {name: [] for name in looks}
    assert len(requests_sent) > 2 * openapi.TOTAL


def test_nothing_but_get_is_ever_attempted():
    _, requests_sent = judged(reference, total=10_000)
    assert {request.method for request in requests_sent} == {"GET"}


def test_a_profile_with_another_method_is_refused():
    profile = {**PROFILE, "paths": {"/": {"post": {"responses": {}}}}}
    with pytest.raises(CatalogueError, match="only GET"):
        judged(reference, profile=profile)


def test_schemathesis_may_not_bring_in_another_method(monkeypatch):
    class Delete:
        method, query = "DELETE", {}

    schema = openapi._schema(json.dumps(PROFILE))
    monkeypatch.setattr(schema, "iter_coverage_cases", lambda *_a, **_k: [Delete()])
    operation = openapi.Operation(json.dumps(PROFILE), "/collections/{collectionId}/items")
    with pytest.raises(EngineFault):
        list(openapi.boundary_queries(operation, valid=True))


def test_invalid_values_that_are_accepted_are_findings():
    looks, _ = judged(always(200))
    for requirement in (LIMIT, BBOX, DATETIME):
        assert failed(looks[requirement]) == ["status 200"] * len(looks[requirement])
        assert looks[requirement]
    assert failed(looks[STATUS]) == []


def test_a_finding_names_the_request():
    looks, _ = judged(always(200))
    finding = next(look.finding for look in looks[BBOX] if look.finding)
    assert finding.request.url == f"{BASE}/collections/spielplaetze/items?bbox=1,2,3"
    assert finding.evidence == finding.request.id
    assert "bbox=1,2,3" in finding.expected.de


@pytest.mark.parametrize("status", [401, 403, 407, 429, 502, 503, 504, 511])
def test_blocked_answers_are_no_looks(status):
    looks, _ = judged(always(status))
    assert set(looks.values()) == {()}


@pytest.mark.parametrize("platform", [always(302), always(200, "<html>", "text/html")])
def test_a_login_page_is_no_look(platform):
    looks, _ = judged(platform)
    assert set(looks.values()) == {()}


def test_an_answer_of_another_host_is_no_look():
    class Redirected(FakeHttp):
        def look(self, url: str, *, accept: str = "") -> Exchange:
            return super().look(url.replace("platform", "login"), accept=accept)

    looks = openapi.judge(PROFILE, VALUES, Redirected(always(200)), 1)
    assert set(looks.values()) == {()}


def test_the_session_of_the_suite_serves_and_records_the_probes():
    http = open_http(Subject("x", BASE), transport=WsgiAdapter(application()))
    looks = openapi.judge(PROFILE, VALUES, http, 1)
    recorded = {exchange.id for exchange in http.exchanges()}
    assert {look.evidence for seen in looks.values() for look in seen} == recorded
    assert set(http.attempted_methods) == {"GET"}
    assert not any(look.finding for seen in looks.values() for look in seen)


def test_network_failures_are_no_looks():
    failure = Failure("timeout", FaultOwner.NETWORK, say("Zeit", "time"))
    looks, _ = judged(lambda _request: failure)
    assert set(looks.values()) == {()}


def test_an_exhausted_budget_is_no_look():
    class Exhausted:
        def look(self, url, *, accept=""):
            raise Unavailable(say("aus", "over"), FaultOwner.CONFIGURATION)

    assert set(openapi.judge(PROFILE, VALUES, Exhausted(), 1).values()) == {()}


def test_where_no_valid_request_succeeds_invalid_ones_are_not_judged():
    looks, _ = judged(always(404))
    assert looks[LIMIT] == looks[BBOX] == looks[DATETIME] == ()
    assert set(failed(looks[STATUS])) == {"status 404"}


def test_an_empty_result_must_be_200():
    def platform(request: Request) -> Response:
        nothing = "1850" in request.url or "-0.5" in request.url
        return always(204 if nothing else 200)(request)

    looks, _ = judged(platform)
    assert failed(looks[STATUS]) == ["status 204", "status 204"]


def test_no_values_no_requests_no_looks():
    looks, requests_sent = judged(reference, values={"base": (BASE,), "featureId": ("x",)})
    assert requests_sent == []
    assert set(looks.values()) == {()}


@pytest.mark.parametrize(
    ("parameter", "accepted"),
    [
        ("limit", ["10001", "100000000000", "+7", "007", "1.0", "", " "]),
        ("bbox", ["1,2,3,4,5,6", "-1.5e3,2,3,4", "170,-60,-170,60", "1, 2, 3, 4", ""]),
        ("datetime", ["2020-01-01", "../..", "2020-01-01/", "/2020-01-01T00:00:00.5+01:00", ".."]),
    ],
)
def test_what_the_standard_accepts_or_leaves_open_is_not_wrong(parameter, accepted):
    declared = PROFILE["components"]["parameters"][parameter]
    assert [value for value in accepted if openapi._wrong(declared, value, {})] == []


@pytest.mark.parametrize(
    ("parameter", "wrong"),
    [
        ("limit", ["0", "-1", "1.5", "ten", "1,2", "1x"]),
        ("bbox", ["1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "1,2,3,x", "1,2,,4"]),
        ("datetime", ["now", "2020", "2020-01", "a/b", "2020-01-01T00:00:00Z/x", "20200101"]),
    ],
)
def test_what_is_certainly_wrong(parameter, wrong):
    declared = PROFILE["components"]["parameters"][parameter]
    assert [value for value in wrong if not openapi._wrong(declared, value, {})] == []


def test_limit_0_is_wrong_unless_the_platform_declares_a_minimum_of_0():
    assert "0" in sent("limit")
    assert "0" in sent("limit", {**VALUES, "limit.minimum": ("1",)})
    assert "0" not in sent("limit", {**VALUES, "limit.minimum": ("0",)})
    assert "-1" in sent("limit", {**VALUES, "limit.minimum": ("0",)})


def test_valid_requests_respect_the_declared_minimum():
    values = {**VALUES, "limit.minimum": ("5",)}
    plain = tuple(sorted((k, tuple(v)) for k, v in values.items() if k != "base"))
    found = openapi.probes(json.dumps(PROFILE), plain, 1, 200)
    limits = {dict(p.query)["limit"] for p in found if not p.parameter and "limit" in dict(p.query)}
    assert limits
    assert all(int(limit) >= 5 for limit in limits)


def test_lists_are_joined_by_commas_and_the_rest_is_encoded():
    probe = openapi.Probe("/c/{id}/items", (("bbox", "1,2,3,4"), ("datetime", "a/b c+d")))
    target = probe.target({"id": ("sp 010/ü",)})
    assert target == "/c/sp%20010%2F%C3%BC/items?bbox=1,2,3,4&datetime=a%2Fb%20c%2Bd"


SCRIPT = """
import json, sys, yaml
CONSTANTS = ["zebra", "1,2,3,4,5,6,7,8,9", 424242, -17.25]
from conformance.engines import openapi
profile = yaml.safe_load(open(sys.argv[1]).read())
values = (("collectionId", ("spielplaetze",)), ("featureId", ("sp 010",)))
print(json.dumps([p.target(dict(values)) for p in
                  openapi.probes(json.dumps(profile), values, int(sys.argv[2]), 200)]))
"""


def elsewhere(seed: int, hash_seed: str, folder: Path) -> list[str]:
    """The probes as another process makes them, in another folder, with other modules loaded."""
    script = folder / f"local_{hash_seed}.py"
    script.write_text(SCRIPT.replace("424242", hash_seed))
    path = ROOT / "profiles/ogcapi-features/1.0.1/openapi.yaml"
    done = subprocess.run(
        [sys.executable, str(script), str(path), str(seed)],
        capture_output=True,
        check=True,
        cwd=folder,
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
    )
    return json.loads(done.stdout)


def test_the_same_seed_gives_the_same_probes_in_every_process(tmp_path):
    values = (("collectionId", ("spielplaetze",)), ("featureId", ("sp 010",)))
    here = openapi.probes(json.dumps(PROFILE), values, 1, 200)
    first = elsewhere(1, "1", tmp_path)
    assert first == [probe.target(dict(values)) for probe in here]
    assert first == elsewhere(1, "2", tmp_path)
    assert first != elsewhere(2, "1", tmp_path)


def small(response: dict, **operation) -> dict:
    get = {"responses": {"200": response}, **operation}
    head = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}}
    return {**head, "paths": {"/": {"get": get}}}


def content_profile() -> dict:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    return small(
        {
            "description": "",
            "x-requirement": "a.b",
            "content": {"application/json": {"schema": schema}},
        }
    )


@pytest.mark.parametrize(
    ("platform", "pointers"),
    [
        (always(200, '{"n": 1}'), []),
        (always(200, '{"n": "x"}'), ["/n"]),
        (always(200, "{}"), [""]),
        (always(200, "{"), [""]),
        (always(200, "a,b", "text/csv"), [""]),
    ],
)
def test_responses_are_judged_by_schemathesis(platform, pointers):
    looks, _ = judged(platform, {"base": (BASE,)}, content_profile())
    assert len(looks["a.b"]) == 1
    assert [look.finding.pointer for look in looks["a.b"] if look.finding] == pointers


def test_requirements_are_found_with_their_place():
    assert dict(openapi.requirements_in(PROFILE)) == {
        STATUS: "/paths/~1collections~1{collectionId}~1items/get",
        LIMIT: "/components/parameters/limit",
        BBOX: "/components/parameters/bbox",
        DATETIME: "/components/parameters/datetime",
    }
    assert openapi.observation_of(PROFILE) == "openapi_values"


def test_a_parameter_needs_the_status_that_rejects_it():
    parameter = {"name": "q", "in": "query", "x-requirement": "a.b", "schema": {}}
    with pytest.raises(CatalogueError, match="x-expect"):
        openapi.requirements_in(small({"description": ""}, parameters=[parameter]))


@pytest.mark.parametrize("target", ["#/components/schemas/nowhere", "http://example.org/x.yaml"])
def test_references_must_lead_somewhere_within_the_profile(target):
    response = {"description": "", "content": {"application/json": {"schema": {"$ref": target}}}}
    with pytest.raises(CatalogueError, match="no such place"):
        openapi.requirements_in(small(response))


def test_a_crash_of_schemathesis_is_a_fault_of_the_suite(monkeypatch):
    monkeypatch.setattr(openapi, "_as_schemathesis", lambda _exchange: 1 / 0)
    with pytest.raises(EngineFault):
        judged(always(200), {"base": (BASE,)}, content_profile())
