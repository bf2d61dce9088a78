"""Addresses of SensorThings at their edges: what must stay quiet, and what has to be found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from conformance.checks import CantTell, TooLittle, Unavailable
from conformance.engines.documents import parse_json
from conformance.model import Exchange, FaultOwner, Request, Response, Subject, literal
from conformance.reference.harness import BASE, NO_MANNERS
from conformance.reference.sensorthings import ENTRY, application
from conformance.session.http import Http, open_http
from conformance.session.mutant import Forward, MutantResponse
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.sensorthings import observations as o
from conformance.standards.sensorthings import resource_path as rp
from conformance.standards.sensorthings import resource_path_navigation as nav
from conformance.standards.sensorthings import resource_path_properties as prop
from conformance.standards.sensorthings.crawl import Crawl, explore
from conformance.standards.sensorthings.entities import Entity
from conformance.standards.sensorthings.kinds import CORE
from conformance.standards.sensorthings.resource_path import Asked

ROOT = BASE + ENTRY


def answered(data: Any, status: int = 200, url: str = f"{ROOT}/Things") -> Exchange:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Exchange(Request("GET", url), Response(status, "", (), body), None, "", 0.0)


def asked(data: Any, status: int = 200, name: str = "Things") -> Asked:
    return Asked(name, f"{ROOT}/{name}", answered(data, status, f"{ROOT}/{name}"))


def deviations(looks: Iterable[Any]) -> list[bool]:
    return [look.finding is not None for look in looks]


@pytest.fixture(scope="module")
def http() -> Http:
    subject = Subject(name="x", url=ROOT, limits=NO_MANNERS, allow_private=True)
    return open_http(subject, transport=WsgiAdapter(application()))


@pytest.fixture(scope="module")
def crawl(http: Http) -> Crawl:
    return explore(http, ROOT, CORE, 2)


# --- lists ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "status", "wrong"),
    [
        ({"value": []}, 200, False),
        ({"@iot.count": 0, "value": []}, 200, False),
        ([], 200, True),
        ({"Things": []}, 200, True),
        ({"value": None}, 200, True),
        (b"<html></html>", 200, True),
        ({"value": []}, 404, True),
        ({}, 500, True),
    ],
)
def test_a_set_is_an_object_with_a_list(data: Any, status: int, wrong: bool) -> None:
    assert deviations(rp.set_as_list((asked(data, status),))) == [wrong]


def test_what_did_not_answer_decides_nothing() -> None:
    silent = Asked("Things", f"{ROOT}/Things", Unavailable(literal("timeout"), FaultOwner.NETWORK))
    with pytest.raises(Unavailable):
        list(rp.set_as_list((silent,)))


@pytest.mark.parametrize(
    ("data", "status", "wrong"), [({"value": []}, 200, False), ({"value": None}, 200, True), ({}, 404, True)]
)
def test_no_hits_are_an_empty_list(data: Any, status: int, wrong: bool) -> None:
    assert deviations(rp.empty_set_as_list(asked(data, status), ())) == [wrong]


@pytest.mark.parametrize(
    ("data", "status"), [({"value": [{"name": "x"}]}, 200), ({}, 400), ({}, 501), ({}, 500)]
)
def test_a_filter_that_does_not_work_is_another_matter(data: Any, status: int) -> None:
    with pytest.raises(CantTell):
        list(rp.empty_set_as_list(asked(data, status), ()))


# --- declaration ------------------------------------------------------------------------------------------


def declared(*names: str, sets: tuple[Asked, ...] = (), array: Asked | None = None) -> list[bool]:
    settings = {"conformance": [f"{o.SPEC}req/{name}" for name in names]}
    root = parse_json(answered({"value": [], "serverSettings": settings}, url=ROOT))
    return deviations(rp.declaration_true(settings, root, sets, array))


def test_a_declaration_is_true_where_what_it_names_is_there() -> None:
    multi = asked({"value": []}, name="MultiDatastreams")
    array = asked({"value": [{"components": ["id"], "dataArray": [[1]]}]}, name="data-array")
    assert declared("datamodel", "multi-datastream", "data-array", sets=(multi,), array=array) == [False] * 3


def test_a_declaration_of_what_is_not_there_is_found() -> None:
    gone = asked({}, 404, name="MultiDatastreams")
    whole = asked({"value": [{"@iot.id": 1}]}, name="data-array")
    assert declared("multi-datastream", sets=(gone,)) == [False, True]
    assert declared("multi-datastream") == [False, True]
    assert declared("data-array", array=whole) == [False, True]
    assert declared("telepathy") == [True]


def test_a_set_that_is_there_without_being_declared_is_fine() -> None:
    assert declared("datamodel", sets=(asked({}, 404, name="MultiDatastreams"),)) == [False]


def test_nothing_declared_decides_nothing() -> None:
    with pytest.raises(CantTell):
        declared()


# --- properties -------------------------------------------------------------------------------------------


def part(value: Any, data: Any, status: int = 200) -> prop.Part:
    one = Entity(answered({}), "", {"name": value}, "Things")
    return prop.Part(one, ("name",), value, asked(data, status))


@pytest.mark.parametrize(
    ("value", "data", "status", "wrong"),
    [
        ("a", {"name": "a"}, 200, False),
        ("a", {"@iot.context": "x", "name": "a"}, 200, False),
        ("2024-03-07T10:00:00Z", {"name": "2024-03-07T11:00:00+01:00"}, 200, False),
        ({"k": 1}, {"name": {"k": 1}}, 200, False),
        ("a", {"name": "b"}, 200, True),
        ("a", {"value": "a"}, 200, True),
        ("a", {"name": "a", "description": "b"}, 200, True),
        ("a", "a", 200, True),
        ("a", {"name": "a"}, 404, True),
    ],
)
def test_a_property_is_an_object_with_itself(value: Any, data: Any, status: int, wrong: bool) -> None:
    assert deviations(prop.property_as_object((part(value, data, status),))) == [wrong]


@pytest.mark.parametrize(
    ("value", "body", "wrong"),
    [
        ("Rüdiger", "Rüdiger", False),
        (7, "7", False),
        ("a", "a\n", False),
        ("2024-03-07T10:00:00Z", "2024-03-07T10:00:00.000Z", False),
        ("Rüdiger", '"Rüdiger"', True),
        ("2024-03-07T10:00:00Z", "2024-03-07 10:00:00+00:00", True),
        ("a", '{"name": "a"}', True),
    ],
)
def test_a_raw_value_is_bare(value: Any, body: str, wrong: bool) -> None:
    assert deviations(prop.raw_value((part(value, body.encode()),))) == [wrong]


@pytest.mark.parametrize(("status", "wrong"), [(204, False), (200, True), (404, True), (500, True)])
def test_no_value_is_no_content(status: int, wrong: bool) -> None:
    assert deviations(prop.null_property_no_content((part(None, b"", status),))) == [wrong]


@pytest.mark.parametrize(("status", "wrong"), [(404, False), (204, True), (200, True), (400, True)])
def test_an_unknown_property_is_not_found(status: int, wrong: bool) -> None:
    assert deviations(prop.unknown_property_not_found((part(None, b"", status),))) == [wrong]


def test_without_material_nothing_is_tested() -> None:
    for looks in (
        prop.null_property_no_content(()),
        prop.property_of_property(()),
        nav.references_only(()),
        nav.nested_entity(()),
        nav.foreign_nested_entity(()),
        rp.entity_by_id(()),
    ):
        with pytest.raises(TooLittle):
            list(looks)


# --- over the reference service ---------------------------------------------------------------------------

OBSERVED: tuple[tuple[Callable[..., Any], Callable[..., Any]], ...] = (
    (prop.single_properties, prop.property_as_object),
    (prop.raw_values, prop.raw_value),
    (prop.sub_properties, prop.property_of_property),
    (prop.null_properties, prop.null_property_no_content),
    (prop.unknown_properties, prop.unknown_property_not_found),
    (nav.single_navigations, nav.single_navigation),
    (nav.collections_below, nav.collection_navigation),
    (rp.addressed, rp.entity_by_id),
)


@pytest.mark.parametrize(("look_at", "judge"), OBSERVED, ids=lambda f: f.__name__)
def test_a_conforming_service_passes(
    look_at: Callable[..., Any], judge: Callable[..., Any], http: Http, crawl: Crawl
) -> None:
    looks = deviations(judge(look_at(http, ROOT, crawl)))
    assert looks
    assert not any(looks)


@pytest.mark.parametrize(
    ("look_at", "judge"),
    [
        (nav.references, nav.references_only),
        (nav.nested, nav.nested_entity),
        (nav.foreign_nested, nav.foreign_nested_entity),
    ],
    ids=lambda f: f.__name__,
)
def test_a_conforming_service_passes_below_its_collections(
    look_at: Callable[..., Any], judge: Callable[..., Any], http: Http, crawl: Crawl
) -> None:
    looks = deviations(judge(look_at(http, ROOT, nav.collections_below(http, ROOT, crawl))))
    assert looks == [False, False]


def test_what_is_asked_for_below_another_entity_surely_belongs_elsewhere(http: Http, crawl: Crawl) -> None:
    below = nav.collections_below(http, ROOT, crawl)
    for each in nav.foreign_nested(http, ROOT, below):
        own = next(b for b in below if b.entity is each.entity and b.relation == each.relation)
        assert each.child is not None
        assert str(each.child.id) not in {str(c.id) for c in nav._children(own)}


def test_collections_seen_in_part_name_no_strangers(http: Http, crawl: Crawl) -> None:
    """What was not seen may belong to an entity all the same."""
    first, second = nav.collections_below(http, ROOT, crawl)[:2]
    data = {**parse_json(first.asked.exchange).data, "@iot.nextLink": f"{ROOT}/Things(1)/Datastreams?$skip=1"}
    partial = replace(first, asked=Asked("Datastreams", first.asked.url, answered(data, url=first.asked.url)))
    assert nav._of_another(partial, (partial, second)) is None
    assert nav._of_another(first, (first, second)) is not None


@pytest.mark.parametrize(
    ("member", "wrong"),
    [
        ({"@iot.selfLink": "x"}, False),
        ({"@iot.selfLinks": "x"}, False),
        ({"url": "x"}, False),
        ({"@iot.selfLink": "x", "@iot.id": 1}, True),
        ({"@iot.id": 1}, True),
        ("x", True),
    ],
)
def test_references_hold_an_address_and_nothing_else(member: Any, wrong: bool) -> None:
    one = Entity(answered({}), "", {}, "Things")
    below = nav.Below(one, "Datastreams", "Datastreams", asked({"value": [member]}))
    assert deviations(nav.references_only((below,))) == [wrong]


# --- faults of the reference ------------------------------------------------------------------------------


def test_faults_leave_alone_what_they_do_not_mean() -> None:
    from conformance.reference.sensorthings import faults_core

    def forward(request: Request) -> MutantResponse:
        return Response(404, "", (), b"")

    plain: Forward = forward
    for fault in (faults_core.shared_id, faults_core.bare_array, faults_core.stale_period):
        assert fault(Request("GET", f"{ROOT}/Sensors"), plain) == Response(404, "", (), b"")
