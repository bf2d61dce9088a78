"""Questions made of a sample: which are asked, with which values, and what is not asked where data are too thin."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sensorthings_samples import BASE, answered, crawled, entity, page, service

from conformance.checks import TooLittle, Unavailable
from conformance.model import FaultOwner, literal
from conformance.standards.sensorthings.entities import Related
from conformance.standards.sensorthings.kinds import KINDS
from conformance.standards.sensorthings.oracle import Match, judge
from conformance.standards.sensorthings.oracle_terms import path
from conformance.standards.sensorthings.query import RECIPES, planned
from conformance.standards.sensorthings.query_answers import Answer, Queries, all_answered, read_on
from conformance.standards.sensorthings.query_ask import Ask, Candidate, chosen, filtered
from conformance.standards.sensorthings.query_candidates import dyadic, op
from conformance.standards.sensorthings.query_order import first_disorder
from conformance.standards.sensorthings.query_sample import Pool, Sample, plain, read_sample, readable

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def things(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "@iot.id": n,
            "@iot.selfLink": f"{BASE}/Things({n})",
            "name": name,
            "description": f"Nr. {n} {name[:3]}",
            **more,
        }
        for n, name in enumerate(names, 1)
    ]


def observations(*results: Any, time: str = "2024-0{n}-0{n}T1{n}:3{n}:0{n}Z") -> list[dict[str, Any]]:
    return [
        {
            "@iot.id": n,
            "@iot.selfLink": f"{BASE}/Observations({n})",
            "result": result,
            "resultTime": time.format(n=n),
            "phenomenonTime": time.format(n=n),
        }
        for n, result in enumerate(results, 1)
    ]


def sampled(seed: int = 1, complete: bool = True, **sets: list[dict[str, Any]]) -> Sample:
    pages = {kind: page(kind, *members) for kind, members in sets.items()}
    return read_sample(BASE, seed, crawled(complete, **pages), ())


def asked(requirement: str, sample: Sample) -> list[Ask]:
    return RECIPES[requirement](sample, requirement)


def filters(requirement: str, sample: Sample) -> list[str]:
    return [unquote(ask.url.partition("$filter=")[2]) for ask in asked(requirement, sample)]


# --- choosing ------------------------------------------------------------------------------------

NAMES = ("Wetterstation", "Pegel O'Brien", "Ärztehaus + Park")


def test_questions_are_the_same_for_a_seed_and_others_for_another() -> None:
    many = things(*(f"Station {c}{c}" for c in "ABCDEFGHIJKLMNOP"))
    urls = [
        [a.url for asks in planned(sampled(seed, Things=many))[0].values() for a in asks]
        for seed in (1, 1, 2)
    ]
    assert urls[0] == urls[1]
    assert urls[0] != urls[2]


def test_the_candidate_that_divides_the_sample_is_chosen() -> None:
    pool = sampled(Things=things("Alpha", "Alpha", "Beta")).pools["Things"]
    never, always, divides = (op("eq", path("name"), text) for text in ("x", "Beta", "Alpha"))
    everything = op("ne", path("name"), "x")
    assert (
        chosen([Candidate(pool, never), Candidate(pool, everything), Candidate(pool, divides)]).term
        == divides
    )
    assert chosen([Candidate(pool, everything), Candidate(pool, never)]).term == everything
    assert chosen([Candidate(pool, always), Candidate(pool, divides)]).term == always
    with pytest.raises(TooLittle):
        chosen([Candidate(pool, never)])
    with pytest.raises(TooLittle):
        chosen([])


def test_a_result_that_can_be_read_goes_before_one_that_cannot() -> None:
    members = page("Things", *things("Alpha", "Alpha", "Beta")).entities
    pool = Pool(f"{BASE}/Things", "Things", members, False, 30_000, 3)
    often, seldom = (op("eq", path("name"), text) for text in ("Alpha", "Beta"))
    assert pool.size == 30_000
    assert pool.capacity == 9
    tight = Pool(f"{BASE}/Things", "Things", members, False, 20, 3)
    assert chosen([Candidate(tight, often), Candidate(tight, seldom)]).term == seldom


def test_names_with_signs_are_asked_for_as_literals_only() -> None:
    sample = sampled(Things=things(*NAMES))
    texts = filters("sensorthings.filter.string-literal", sample)
    assert any("O''Brien" in text for text in texts)
    assert any("+" in text for text in texts)
    assert filters("sensorthings.operator.equal", sample)[0] == "name eq 'Wetterstation'"
    assert filters("sensorthings.operator.equal", sample)[1] == "name eq 'wETTERSTATION'"


def test_an_apostrophe_is_asked_for_even_if_no_name_has_one() -> None:
    sample = sampled(Things=things("Wetterstation", "Pegel"))
    assert any("''s'" in text for text in filters("sensorthings.filter.string-literal", sample))


@pytest.mark.parametrize(
    ("text", "is_readable", "is_plain"),
    [
        *(("Pegel 4", True, True), ("O'Brien", True, False), (" Rand", False, True), ("ab", False, True)),
        *(
            ("Zeile\nzwei", False, False),
            ("😀😀😀", False, False),
            (7, False, False),
            ("x" * 500, False, True),
        ),
    ],
)
def test_texts_for_literals(text: Any, is_readable: bool, is_plain: bool) -> None:
    assert readable(text) is is_readable
    if isinstance(text, str):
        assert plain(text) is is_plain


@pytest.mark.parametrize(
    ("value", "kept"), [(7, True), (7.25, True), (0.1, False), (True, False), ("7", False)]
)
def test_only_numbers_that_are_exact_everywhere_are_computed_with(value: Any, kept: bool) -> None:
    assert (dyadic(value) is not None) is kept


@given(st.lists(st.text(min_size=3, max_size=20), min_size=2, max_size=6, unique=True), st.integers(0, 99))
def test_whatever_the_names_are_the_entity_meant_fulfils_the_filter(names: list[str], seed: int) -> None:
    sample = sampled(seed, Things=things(*names))
    for asks in planned(sample)[0].values():
        for ask in asks:
            if ask.term is None or ask.pool is None or not ask.focus or "indexof" in ask.requirement:
                continue
            meant = [e for e in ask.pool.entities if e.id in ask.focus]
            found = {judge(ask.term, sample.scope(e, NOW)) for e in meant}
            strict = ("operator.greater-than", "operator.less-than")
            negative = ask.role or asks.index(ask) > 0 or ask.requirement.endswith(strict)
            assert found & {Match.YES, Match.OPEN} or negative, ask.url


@given(st.lists(st.floats(-1000, 1000) | st.integers(-50, 50), min_size=3, max_size=9))
def test_whatever_the_results_are_the_limit_decides(results: list[float]) -> None:
    sample = sampled(Observations=observations(*results))
    for name, same in (("greater-than", Match.NO), ("greater-or-equal", Match.YES)):
        try:
            (ask,) = asked(f"sensorthings.operator.{name}", sample)
        except TooLittle:
            continue
        assert ask.term is not None
        assert ask.pool is not None
        limit = next(e for e in ask.pool.entities if e.id in ask.focus)
        assert judge(ask.term, sample.scope(limit, NOW)) is same
        assert ask.instead is not None
        assert unquote(ask.instead.url).endswith("$orderby=result asc")


# --- what the data decide ------------------------------------------------------------------------


def test_the_last_counted_entity_is_asked_for_where_fewer_came() -> None:
    """Counts may be inexact (9.3.3.4): only an entity in the last place shows that some did not come."""
    whole = sampled(Things=things("Alpha", "Beta"))
    counted = len(whole.pools["Things"].entities) + 3
    more = replace(whole, pools={"Things": replace(whole.pools["Things"], count=counted)})
    name = "sensorthings.paging.partial-has-nextlink"
    assert RECIPES[name](whole, name) == []
    assert [unquote(a.url).partition("?")[2] for a in RECIPES[name](more, name)] == [
        f"$top=1&$skip={counted - 1}"
    ]


def test_nothing_is_asked_of_an_empty_service() -> None:
    asks, lacking = planned(sampled(Things=[], Observations=[]))
    without_data = {
        *("malformed-id-refused", "unsupported-option-refused", "malformed-option-refused", "unknown-refused")
    }
    assert {name.rpartition(".")[2] for name, wanted in asks.items() if wanted} == without_data
    assert set(asks) | set(lacking) == set(RECIPES)
    assert all(isinstance(reason, TooLittle) for reason in lacking.values())


def test_without_results_numbers_are_ids() -> None:
    assert "id" in filters("sensorthings.operator.addition", sampled(Things=things(*NAMES)))[0]
    texts = [{**each, "@iot.id": f"t{n}"} for n, each in enumerate(things(*NAMES))]
    with pytest.raises(TooLittle):
        asked("sensorthings.operator.addition", sampled(Things=texts))


def test_where_all_times_are_of_one_year_the_counterpart_tells() -> None:
    sample = sampled(Observations=observations(1, 2, 3))
    assert filters("sensorthings.function.year-evaluated", sample) == [
        "year(resultTime) eq 2024",
        "year(resultTime) eq 2025",
    ]


def test_an_instant_between_two_years_is_not_asked_for_its_year() -> None:
    members = observations(1, time="2024-01-01T00:30:00+01:00")
    with pytest.raises(TooLittle):
        asked("sensorthings.function.year-evaluated", sampled(Observations=members))


def test_points_alone_are_enough_for_every_relation() -> None:
    places = [
        {"@iot.id": n, "name": f"Ort {n}", "location": {"type": "Point", "coordinates": [8.0 + n, 52.0 + n]}}
        for n in range(3)
    ]
    sample = sampled(Locations=places)
    for name in (n for n in RECIPES if ".st-" in n or ".geo-" in n):
        found = {
            judge(ask.term, sample.scope(e, NOW))
            for ask in asked(name, sample)
            for e in sample.pools["Locations"].entities
            if ask.term is not None
        }
        assert Match.YES in found, name
    assert filters("sensorthings.function.st-overlaps-evaluated", sample)[0].startswith("not st_overlaps(")


def test_geometries_nobody_reads_alike_are_not_asked_about() -> None:
    places: list[dict[str, Any]] = [
        {"@iot.id": 1, "location": {"type": "Point", "coordinates": [8, 52, 3]}},
        {"@iot.id": 2},
    ]
    with pytest.raises(TooLittle):
        asked("sensorthings.function.st-within-evaluated", sampled(Locations=places))


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ((1, 7), "(1000000014)"),
        ((1, 10**12), f"({2 * 10**12 + 7})"),
        (("a", "b"), "('pruefstand-gibt-es-nicht')"),
        (("6fa459ea-ee8a-3ca4-894e-db77e160355e",), "('5e1e0000-0000-4000-8000-0000000b00b5')"),
    ],
)
def test_an_id_that_is_not_there_has_the_form_of_the_others(ids: tuple[Any, ...], expected: str) -> None:
    members = [{"@iot.id": i} for i in ids]
    (ask,) = asked("sensorthings.response.missing-entity-refused", sampled(Things=members))
    assert unquote(ask.url).endswith(f"Things{expected}")


def test_everything_at_once_is_only_asked_of_small_sets() -> None:
    members = page("Things", *things(*NAMES)).entities
    large = Pool(f"{BASE}/Things", "Things", members, False, 10**6, 3)
    sample = Sample(BASE, 1, {"Things": large}, (), (), {}, {})
    with pytest.raises(TooLittle):
        asked("sensorthings.top.above-maximum-capped", sample)


# --- related entities ----------------------------------------------------------------------------


def test_relations_are_known_in_both_directions() -> None:
    thing = entity("Things", 1, name="A", description="a")
    relation = KINDS["Things"].relation("Datastreams")
    assert relation is not None
    streams = page("Datastreams", {"@iot.id": 5, "name": "Reihe"}, url=f"{BASE}/Things(1)/Datastreams")
    link = Related(thing, relation, streams.url, streams.exchange, page=streams)
    sample = read_sample(BASE, 1, crawled(Things=page("Things", thing.data), Datastreams=streams), (link,))
    scope = sample.scope(streams.entities[0], NOW)
    assert judge(op("eq", path("Thing/id"), 1), scope) is Match.YES
    assert judge(op("eq", path("Datastreams/name"), "Reihe"), sample.scope(thing, NOW)) is Match.YES
    assert filters("sensorthings.filter.related-collection", sample)[0] == "Datastreams/id eq 5"


# --- answers -------------------------------------------------------------------------------------


def question(url: str, **more: Any) -> Ask:
    return Ask("x", url, "Things", **more)


def read(answers: dict[str, Any], ask: Ask, sample: Sample | None = None) -> Answer:
    return next(all_answered(service(answers), [ask], sample or sampled()))


def test_pages_are_followed_as_given_and_never_in_a_circle() -> None:
    one, two = f"{BASE}/Things", f"{BASE}/Things?x=2"
    circle = {
        one: {"value": [{"@iot.id": 1}], "@iot.nextLink": two},
        two: {"value": [], "@iot.nextLink": one},
    }
    found = read(circle, question(one, pages=50))
    assert len(found.pages) == 2
    assert not found.ended
    itself = {one: {"value": [], "@iot.nextLink": one}}
    assert len(read(itself, question(one, pages=50)).pages) == 1


def test_an_endless_chain_ends_with_the_pages_that_were_asked_for() -> None:
    class Endless:
        count = 0

        def get(self, url: str, *, accept: str = "", repeat: int = 0) -> Any:
            self.count += 1
            return answered(
                url, {"value": [{"@iot.id": 1}], "@iot.nextLink": f"{BASE}/Things?p={self.count}"}
            )

    first = page("Things", url=f"{BASE}/Things", **{"@iot.nextLink": f"{BASE}/Things?p=0"})
    start = Answer(question(f"{BASE}/Things", pages=5), first.exchange, (first,))
    endless: Any = Endless()
    assert len(read_on(endless, start).pages) == 5
    assert endless.count == 4


def test_a_link_that_fails_is_told_apart_from_one_that_nobody_answers() -> None:
    one, two = f"{BASE}/Things", f"{BASE}/Things?x=2"
    first = {"value": [{"@iot.id": 1}], "@iot.nextLink": two}
    gone = read({one: first}, question(one, pages=3))
    assert gone.broken is not None
    assert gone.broken.status == 404
    silent = Unavailable(literal("timeout"), FaultOwner.NETWORK)
    nobody = read({one: first, two: silent}, question(one, pages=3))
    assert nobody.broken is not None
    assert nobody.broken.status == 0


def test_a_server_error_counts_only_if_it_stays() -> None:
    class Flaky:
        def __init__(self, *statuses: int) -> None:
            self.statuses = statuses

        def get(self, url: str, *, accept: str = "", repeat: int = 0) -> Any:
            return answered(url, {"value": []}, self.statuses[min(repeat, len(self.statuses) - 1)])

    def status(*statuses: int) -> int:
        flaky: Any = Flaky(*statuses)
        return next(all_answered(flaky, [question(f"{BASE}/Things")], sampled())).status

    assert status(500, 200) == 200
    assert status(500, 500) == 500
    assert status(501, 200) == 501


def test_what_is_missing_is_looked_at_again() -> None:
    sample = sampled(Things=things("Alpha", "Beta"))
    pool = sample.pools["Things"]
    term = op("eq", path("name"), "Alpha")
    ask = question(filtered(pool.url, term), term=term, pool=pool)
    own = pool.entities[0]
    empty: dict[str, Any] = {ask.url: {"value": []}}
    assert read(empty, ask, sample).missing == ()  # gone meanwhile: 404
    still = {**empty, own.self_link: dict(own.data)}
    assert [e.id for e in read(still, ask, sample).missing] == [1]
    renamed = {**empty, own.self_link: {**own.data, "name": "Gamma"}}
    assert read(renamed, ask, sample).missing == ()


def test_why_nothing_was_asked_is_told_when_it_is_looked_at() -> None:
    queries = Queries(sampled(), {}, {"x": TooLittle(literal("nothing"))})
    with pytest.raises(TooLittle):
        queries.of("x")


# --- order ---------------------------------------------------------------------------------------


def order(values: list[Any], descending: bool = False) -> int | None:
    sample = sampled(Observations=observations(*values))
    scopes = [sample.scope(e, NOW, 0) for e in sample.pools["Observations"].entities]
    return first_disorder(((path("result"), descending),), scopes)


def test_order_is_wrong_only_where_it_is_clear() -> None:
    assert order([None, 2, 10]) is None
    assert order([2, None]) == 1
    assert order([10, 2]) == 1
    assert order([10, 2, None], descending=True) is None
    assert order(["ä", "Z", "a"]) is None  # the order of texts depends on their language
    assert order([1, "x", 0]) is None  # and that of mixed types on the store
    assert order([]) is None


@given(st.lists(st.integers(-99, 99) | st.none(), max_size=9))
def test_sorted_values_are_in_order(values: list[int | None]) -> None:
    upwards = sorted(values, key=lambda v: (v is not None, v or 0))
    assert order(list(upwards)) is None
    assert order(upwards[::-1], descending=True) is None
