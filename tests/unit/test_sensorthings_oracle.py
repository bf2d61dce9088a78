"""The oracle of $filter: matches, no matches, and what the text leaves open, operator by operator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.standards.sensorthings.oracle import Match, Reading, Scope, evaluated, judge
from conformance.standards.sensorthings.oracle_functions import FUNCTIONS
from conformance.standards.sensorthings.oracle_terms import (
    ARITHMETIC,
    COMPARISONS,
    Binary,
    Call,
    Group,
    Literal,
    Not,
    Path,
    Term,
    path,
    paths_of,
    written,
)
from conformance.standards.sensorthings.oracle_times import (
    Moment,
    as_time,
    interval,
    moment,
    written_moment,
)

YES, NO, UNCLEAR = Match.YES, Match.NO, Match.OPEN


def observation(**data: Any) -> Scope:
    return Scope("Observations", {"@iot.id": 7, **data}, now=datetime(2024, 6, 1, tzinfo=UTC))


def thing(**data: Any) -> Scope:
    return Scope("Things", {"@iot.id": 7, "name": "Mäuseturm", "description": "d", **data})


def at(text: str) -> Moment:
    found = moment(text)
    assert found is not None
    return found


def op(operator: str, left: Any, right: Any) -> Term:
    return Binary(operator, _term(left), _term(right))


def call(name: str, *arguments: Any) -> Term:
    return Call(name, tuple(map(_term, arguments)))


def _term(value: Any) -> Term:
    return value if isinstance(value, Literal | Path | Call | Binary | Not | Group) else Literal(value)


RESULT, NAME, TIME, RESULT_TIME = path("result"), path("name"), path("phenomenonTime"), path("resultTime")


# --- comparing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("eq", NO, YES, NO),
        ("ne", YES, NO, YES),
        ("lt", YES, NO, NO),
        ("le", YES, YES, NO),
        ("gt", NO, NO, YES),
        ("ge", NO, YES, YES),
    ],
)
def test_numbers_and_instants_are_compared_by_value(
    operator: str, below: Match, same: Match, above: Match
) -> None:
    for value, expected in ((19.5, below), (20, same), (20.0, same), (20.5, above)):
        assert judge(op(operator, RESULT, 20), observation(result=value)) is expected
    for hour, expected in ((11, below), (12, same), (13, above)):
        seen = observation(resultTime=f"2024-01-01T{hour}:00:00Z")
        assert judge(op(operator, RESULT_TIME, at("2024-01-01T13:00:00+01:00")), seen) is expected


def test_numbers_that_differ_only_by_binary_fractions_are_open() -> None:
    assert judge(op("eq", RESULT, 0.3), observation(result=0.1 + 0.2)) is UNCLEAR
    assert judge(op("eq", RESULT, 0.3), observation(result=0.3)) is YES


@pytest.mark.parametrize("value", ["20", True, [1], {"a": 1}])
@pytest.mark.parametrize("operator", sorted(COMPARISONS))
def test_values_of_other_types_are_open(operator: str, value: Any) -> None:
    assert judge(op(operator, RESULT, 20), observation(result=value)) is UNCLEAR


def test_texts_are_equal_to_the_letter() -> None:
    assert judge(op("eq", NAME, "Mäuseturm"), thing()) is YES
    assert judge(op("eq", NAME, "MÄUSETURM"), thing()) is NO
    assert judge(op("ne", NAME, "MÄUSETURM"), thing()) is YES
    assert judge(op("eq", NAME, "Ma\N{COMBINING DIAERESIS}useturm"), thing()) is UNCLEAR


def test_order_of_texts_is_open_where_languages_differ() -> None:
    assert judge(op("lt", NAME, "Zoo"), thing(name="Amt")) is YES
    assert judge(op("lt", NAME, "Zoo"), thing(name="Ärztehaus")) is UNCLEAR
    assert judge(op("lt", NAME, "ZOO"), thing(name="amt")) is UNCLEAR  # capitals come first in ASCII
    assert judge(op("lt", NAME, "S10"), thing(name="S2")) is UNCLEAR  # digits may count as a number


def test_truth_values() -> None:
    assert judge(op("eq", RESULT, True), observation(result=True)) is YES
    assert judge(op("eq", RESULT, True), observation(result=False)) is NO
    assert judge(op("gt", RESULT, True), observation(result=False)) is UNCLEAR
    assert judge(op("eq", RESULT, 1), observation(result=True)) is UNCLEAR


@pytest.mark.parametrize("operator", sorted(COMPARISONS))
def test_nothing_missing_is_surely_matched_by_a_value(operator: str) -> None:
    expected = UNCLEAR if operator == "ne" else NO  # true in OData, null in databases
    assert (
        judge(op(operator, RESULT_TIME, at("2024-01-01T00:00:00Z")), observation(resultTime=None)) is expected
    )
    assert judge(Not(op(operator, RESULT_TIME, at("2024-01-01T00:00:00Z"))), observation()) is (
        NO if operator == "ne" else UNCLEAR
    )


def test_the_literal_null_asks_for_presence() -> None:
    there, missing = observation(resultTime="2024-01-01T00:00:00Z"), observation(resultTime=None)
    assert [judge(op("eq", RESULT_TIME, None), e) for e in (there, missing, observation())] == [NO, YES, YES]
    assert [judge(op("ne", RESULT_TIME, None), e) for e in (there, missing, observation())] == [YES, NO, NO]


# --- logic ---------------------------------------------------------------------------------------

TRUTH: dict[bool | None, Term] = {
    True: op("eq", NAME, "Mäuseturm"),
    False: op("eq", NAME, "x"),
    None: op("gt", path("properties/missing"), 1),
}


def test_logic_of_three_values() -> None:
    """The third line is false or null: a service may choose, but not for what follows from either."""
    unknown = TRUTH[None]
    assert judge(unknown, thing()) is NO
    assert judge(Binary("and", unknown, TRUTH[True]), thing()) is NO
    assert judge(Binary("or", unknown, TRUTH[True]), thing()) is YES
    assert judge(Binary("or", TRUTH[False], unknown), thing()) is NO
    assert judge(Not(unknown), thing()) is UNCLEAR
    assert judge(Not(Binary("or", unknown, TRUTH[True])), thing()) is NO
    assert judge(Not(TRUTH[False]), thing()) is YES


@given(st.booleans(), st.booleans(), st.booleans())
def test_and_binds_more_than_or(a: bool, b: bool, c: bool) -> None:
    flat = Binary("or", TRUTH[a], Binary("and", TRUTH[b], TRUTH[c]))
    assert (judge(flat, thing()) is YES) == (a or (b and c))
    assert written(flat).count("(") == 0
    grouped = Binary("and", Binary("or", TRUTH[a], TRUTH[b]), TRUTH[c])
    assert (judge(grouped, thing()) is YES) == ((a or b) and c)
    assert written(grouped).startswith("(")


def test_an_open_part_decides_only_what_follows_from_it() -> None:
    unclear = op("eq", RESULT, "x")
    seen = observation(result=1)
    assert judge(unclear, seen) is UNCLEAR
    assert judge(Binary("and", unclear, op("eq", RESULT, 2)), seen) is NO
    assert judge(Binary("or", unclear, op("eq", RESULT, 1)), seen) is YES


# --- arithmetic ----------------------------------------------------------------------------------

whole = st.integers(-(10**6), 10**6)


@given(whole, whole)
def test_sums_and_products_are_those_of_numbers(a: int, b: int) -> None:
    seen = observation(result=a)
    assert judge(op("eq", op("add", RESULT, b), a + b), seen) is YES
    assert judge(op("eq", op("sub", RESULT, b), a - b), seen) is YES
    assert judge(op("eq", op("mul", RESULT, b), a * b), seen) is YES


@given(st.integers(-1000, 1000), st.integers(1, 50))
def test_division_is_open_only_for_integers(a: int, b: int) -> None:
    assert judge(op("eq", op("div", RESULT, b), a / b), observation(result=a)) in (
        (YES,) if a % b == 0 else (UNCLEAR,)
    )
    exact = Fraction(2 * a + 1, 2) / b
    assert evaluated(op("div", RESULT, b), observation(result=a + 0.5)) == {exact}


def test_remainders_of_negative_numbers_are_open() -> None:
    assert judge(op("eq", op("mod", RESULT, 3), 1), observation(result=7)) is YES
    assert judge(op("eq", op("mod", RESULT, 3), 2), observation(result=-7)) is UNCLEAR
    assert judge(op("eq", op("mod", RESULT, 3), 0), observation(result=-9)) is YES
    assert judge(op("eq", op("mod", RESULT, 2), 1.5), observation(result=7.5)) is UNCLEAR  # OData: integers
    assert judge(op("eq", op("mod", RESULT, 0), 1), observation(result=7)) is UNCLEAR


@pytest.mark.parametrize("operator", sorted(ARITHMETIC))
def test_arithmetic_with_nothing_is_nothing(operator: str) -> None:
    assert judge(op("gt", op(operator, RESULT, 2), 0), observation(result=None)) is NO
    assert judge(op("gt", op(operator, RESULT, 2), 0), observation(result="a")) is UNCLEAR


def test_products_go_before_sums_and_parentheses_before_all() -> None:
    seen = observation(result=2)
    assert judge(op("eq", op("add", 1, op("mul", RESULT, 3)), 7), seen) is YES
    grouped = op("mul", Group(op("add", 1, RESULT)), 3)
    assert judge(op("eq", grouped, 9), seen) is YES
    assert written(op("eq", op("add", 1, op("mul", RESULT, 3)), 7)) == "1 add result mul 3 eq 7"
    assert written(op("eq", grouped, 9)) == "(1 add result) mul 3 eq 9"
    assert written(op("eq", op("sub", 1, op("sub", RESULT, 3)), 7)) == "1 sub (result sub 3) eq 7"


# --- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (call("substringof", "use", NAME), YES),
        (call("substringof", NAME, "use"), NO),
        (call("startswith", NAME, "Mä"), YES),
        (call("startswith", NAME, "mä"), NO),
        (call("endswith", NAME, "turm"), YES),
        (call("endswith", NAME, "Mäu"), NO),
        (op("eq", call("length", NAME), 9), YES),
        (op("eq", call("length", NAME), 10), NO),  # octets
        (op("eq", call("substring", NAME, 1), "äuseturm"), YES),
        (op("eq", call("substring", NAME, 0), "äuseturm"), NO),
        (op("eq", call("substring", NAME, 99), ""), UNCLEAR),
        (op("eq", call("tolower", NAME), "mäuseturm"), YES),
        (op("eq", call("toupper", NAME), "MÄUSETURM"), YES),
        (op("eq", call("toupper", NAME), "MäUSETURM"), NO),
        (op("eq", call("trim", "  Mäuseturm "), NAME), YES),
        (op("eq", call("concat", call("concat", NAME, ", "), path("description")), "Mäuseturm, d"), YES),
        (op("eq", call("length", path("properties/missing")), 0), UNCLEAR),
    ],
)
def test_functions_of_texts(term: Term, expected: Match) -> None:
    assert judge(term, thing()) is expected


def test_indexof_counts_from_zero_or_one_but_one_way_only() -> None:
    from_zero = op("eq", call("indexof", NAME, "turm"), 5)
    assert judge(from_zero, thing()) is YES
    assert judge(from_zero, thing(), Reading(first=1)) is NO
    assert judge(op("eq", call("indexof", NAME, "turm"), 6), thing(), Reading(first=1)) is YES
    assert judge(op("eq", call("indexof", NAME, "zzz"), -1), thing()) is UNCLEAR


@given(st.text(max_size=12), st.integers(0, 12))
def test_pieces_of_a_text_belong_to_it(text: str, cut: int) -> None:
    head, tail = text[:cut], text[cut:]
    seen = thing(name=text)
    assert judge(call("startswith", NAME, head), seen) is YES
    assert judge(call("endswith", NAME, tail), seen) is YES
    assert judge(call("substringof", tail, NAME), seen) is YES
    assert judge(op("eq", call("concat", head, tail), NAME), seen) is YES
    assert judge(op("eq", call("substring", NAME, cut), tail), seen) in (YES, UNCLEAR)
    assert judge(op("eq", call("length", NAME), len(text)), seen) in (YES, UNCLEAR)


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x24F), max_size=12))
def test_case_is_that_of_unicode(text: str) -> None:
    seen = thing(name=text)
    assert judge(op("eq", call("tolower", NAME), text.lower()), seen) in (YES, UNCLEAR)
    assert judge(op("eq", call("toupper", NAME), text.upper()), seen) in (YES, UNCLEAR)


# --- times ---------------------------------------------------------------------------------------


def test_offsets_count() -> None:
    seen = observation(resultTime="2024-01-01T12:00:00+01:00")
    assert judge(op("eq", RESULT_TIME, at("2024-01-01T11:00:00Z")), seen) is YES
    assert judge(op("gt", RESULT_TIME, at("2024-01-01T11:30:00Z")), seen) is NO


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-01-01T00:30:00.5+01:30", "2023-12-31 23:00:00.500000"),
        ("2024-01-01T00:30:00,25Z", "2024-01-01 00:30:00.250000"),
        ("2024-01-01T00:30-0130", "2024-01-01 02:00:00"),
        ("2024-01-01T00:30:00+01", "2023-12-31 23:30:00"),
    ],
)
def test_instants_are_read_in_the_spellings_of_iso_8601(text: str, utc: str) -> None:
    assert str(at(text).utc.replace(tzinfo=None)) == utc


@pytest.mark.parametrize(
    "text",
    [
        *("2024-01-01", "2024-01-01T00:00:00", "2024-02-30T00:00:00Z", "2024-01-01T00:00:60Z", "", None, 5),
        *("0001-01-01T00:00:00+05:00", "../..", "2024-01-01T00:00:00Z/..", "a/b/c"),
    ],
)
def test_what_is_no_time_everybody_reads_alike_is_open(text: Any) -> None:
    assert as_time(text) is None
    seen = observation(phenomenonTime=text)
    expected = NO if text is None else UNCLEAR
    assert judge(op("ge", TIME, at("2024-01-01T00:00:00Z")), seen) is expected


def test_a_period_and_an_instant_are_compared_only_where_it_is_clear() -> None:
    seen = observation(phenomenonTime="2024-01-01T10:00:00Z/2024-01-01T12:00:00Z")
    before, within, after = (at(f"2024-01-01T{h}:00:00Z") for h in ("09", "11", "13"))
    assert [judge(op("gt", TIME, t), seen) for t in (before, within, after)] == [YES, UNCLEAR, NO]
    assert [judge(op("le", TIME, t), seen) for t in (before, within, after)] == [NO, UNCLEAR, YES]
    assert [judge(op("eq", TIME, t), seen) for t in (before, within, after)] == [NO, UNCLEAR, NO]
    assert judge(op("ne", TIME, after), seen) is YES
    same = interval("2024-01-01T11:00:00+01:00/2024-01-01T13:00:00+01:00")
    other = interval("2024-01-01T11:00:00Z/2024-01-01T14:00:00Z")
    later = interval("2025-01-01T11:00:00Z/2025-01-01T14:00:00Z")
    assert judge(op("eq", TIME, other), seen) is UNCLEAR
    assert judge(op("eq", TIME, later), seen) is NO
    assert same is not None
    assert judge(op("eq", TIME, same), seen) in (YES, UNCLEAR)


def test_instants_that_differ_by_less_than_stores_keep_are_open() -> None:
    seen = observation(resultTime="2024-01-01T00:00:00.0004Z")
    assert judge(op("eq", RESULT_TIME, at("2024-01-01T00:00:00Z")), seen) is UNCLEAR
    assert judge(op("gt", RESULT_TIME, at("2024-01-01T00:00:00Z")), seen) is UNCLEAR
    assert judge(op("gt", RESULT_TIME, at("2023-12-31T23:59:00Z")), seen) is YES


@pytest.mark.parametrize(
    ("name", "value"),
    [("year", 2024), ("month", 3), ("day", 7), ("hour", 17), ("minute", 45), ("second", 9)],
)
def test_parts_of_an_instant(name: str, value: int) -> None:
    seen = observation(resultTime="2024-03-07T17:45:09.123Z")
    assert judge(op("eq", call(name, RESULT_TIME), value), seen) is YES
    assert judge(op("eq", call(name, RESULT_TIME), value + 1), seen) is NO


def test_parts_are_open_where_zones_differ() -> None:
    seen = observation(resultTime="2024-01-01T00:30:00+01:00")
    assert judge(op("eq", call("year", RESULT_TIME), 2024), seen) is UNCLEAR
    assert judge(op("eq", call("year", RESULT_TIME), 2023), seen) is UNCLEAR
    assert judge(op("eq", call("year", RESULT_TIME), 2022), seen) is NO
    assert judge(op("eq", call("minute", RESULT_TIME), 30), seen) is YES
    assert (
        judge(op("eq", call("date", RESULT_TIME), call("date", at("2024-01-01T12:00:00Z"))), seen) is UNCLEAR
    )


def test_dates_times_and_offsets() -> None:
    seen = observation(resultTime="2024-03-07T17:45:09Z")
    same_day, other = at("2024-03-07T01:00:00Z"), at("2024-03-08T01:00:00Z")
    assert judge(op("eq", call("date", RESULT_TIME), call("date", same_day)), seen) is YES
    assert judge(op("eq", call("date", RESULT_TIME), call("date", other)), seen) is NO
    assert judge(op("gt", call("time", RESULT_TIME), call("time", other)), seen) is YES
    assert judge(op("eq", call("totaloffsetminutes", RESULT_TIME), 0), seen) is YES
    shifted = observation(resultTime="2024-03-07T17:45:09+01:00")
    assert judge(op("eq", call("totaloffsetminutes", RESULT_TIME), 60), shifted) is UNCLEAR
    assert judge(op("eq", call("totaloffsetminutes", RESULT_TIME), 30), shifted) is NO


def test_fractions_of_seconds_have_no_unit() -> None:
    some, none = (observation(resultTime=f"2024-03-07T17:45:09{f}Z") for f in (".25", ""))
    assert judge(op("gt", call("fractionalseconds", RESULT_TIME), 0), some) is YES
    assert judge(op("gt", call("fractionalseconds", RESULT_TIME), 0), none) is NO
    assert judge(op("eq", call("fractionalseconds", RESULT_TIME), 0.25), some) is UNCLEAR


def test_the_clock_is_that_of_the_answer() -> None:
    for days, expected in ((-2, YES), (2, NO), (0, UNCLEAR)):
        at_ = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(days=days)
        seen = observation(resultTime=at_.isoformat().replace("+00:00", "Z"))
        assert judge(op("le", RESULT_TIME, call("now")), seen) is expected
    assert judge(op("le", RESULT_TIME, call("now")), Scope("Observations", {"resultTime": "x"})) is UNCLEAR
    assert judge(op("gt", RESULT_TIME, call("mindatetime")), seen) is YES
    period = observation(phenomenonTime="2024-01-01T10:00:00Z/2024-01-01T12:00:00Z")
    assert judge(op("eq", TIME, call("maxdatetime")), period) is NO
    assert judge(op("ge", RESULT_TIME, call("maxdatetime")), seen) is NO


@given(st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_read_as_it_is_written(local: datetime, offset: int) -> None:
    value = Moment(local.replace(tzinfo=UTC), offset)
    assert moment(written_moment(value)) == value
    in_utc = moment(written_moment(value, 0))
    assert in_utc is not None
    assert in_utc.utc == value.utc


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected", "verdict"),
    [
        ("round", 2.4, 2, YES),
        ("round", 2.6, 2, NO),
        ("round", 2.5, 3, UNCLEAR),
        ("round", -2.5, -3, UNCLEAR),
        ("floor", -2.5, -3, YES),
        ("floor", 2.9, 3, NO),
        ("ceiling", 2.1, 3, YES),
        ("ceiling", -2.5, -3, NO),
        ("ceiling", "2.1", 3, UNCLEAR),
    ],
)
def test_rounding(name: str, value: Any, expected: int, verdict: Match) -> None:
    assert judge(op("eq", call(name, RESULT), expected), observation(result=value)) is verdict


# --- properties and related entities -------------------------------------------------------------


def test_keys_below_properties() -> None:
    seen = thing(properties={"depth": {"value": 3}, "owner": "Stadt"})
    assert judge(op("eq", path("properties/owner"), "Stadt"), seen) is YES
    assert judge(op("gt", path("properties/depth/value"), 2), seen) is YES
    assert judge(op("eq", path("properties/depth"), 2), seen) is UNCLEAR
    assert judge(op("eq", path("properties/owner/name"), "x"), seen) is UNCLEAR
    assert judge(op("eq", path("properties/missing/name"), "x"), seen) is NO
    assert judge(op("eq", path("id"), 7), seen) is YES


def test_related_entities_that_nobody_knows_are_open() -> None:
    assert judge(op("eq", path("Datastream/id"), 1), observation()) is UNCLEAR
    assert judge(op("eq", path("Datastreams/id"), 1), thing()) is UNCLEAR


def test_related_single_entities() -> None:
    stream = Scope("Datastreams", {"@iot.id": 3, "unitOfMeasurement": {"name": "Grad"}})
    seen = Scope("Observations", {}, one={"Datastream": stream, "MultiDatastream": None})
    assert judge(op("eq", path("Datastream/id"), 3), seen) is YES
    assert judge(op("eq", path("Datastream/unitOfMeasurement/name"), "Kelvin"), seen) is NO
    assert judge(op("eq", path("MultiDatastream/id"), 3), seen) is NO
    assert judge(op("eq", path("Datastream"), 3), seen) is UNCLEAR


def test_a_collection_matches_if_any_of_it_does() -> None:
    streams = tuple(Scope("Datastreams", {"@iot.id": n, "name": f"S{n}"}) for n in (1, 2))
    seen = Scope("Things", {}, many={"Datastreams": streams, "Locations": ()})
    assert judge(op("eq", path("Datastreams/name"), "S2"), seen) is YES
    assert judge(op("eq", path("Datastreams/name"), "S3"), seen) is NO
    assert judge(call("startswith", path("Datastreams/name"), "S"), seen) is YES
    assert judge(op("eq", path("Locations/name"), "S3"), seen) is NO
    both = Binary("and", op("eq", path("Datastreams/name"), "S1"), op("eq", path("Datastreams/name"), "S2"))
    assert judge(both, seen) is UNCLEAR  # the same entity, or one each
    assert judge(Not(op("eq", path("Datastreams/name"), "S1")), seen) is UNCLEAR


# --- writing -------------------------------------------------------------------------------------


def test_expressions_are_written_as_the_grammar_wants() -> None:
    assert written(op("eq", NAME, "O'Neill")) == "name eq 'O''Neill'"
    assert written(Not(op("eq", RESULT, True))) == "not (result eq true)"
    assert written(Not(call("startswith", NAME, "a"))) == "not startswith(name,'a')"
    assert written(op("eq", call("now"), None)) == "now() eq null"
    assert written(op("gt", RESULT, Literal(100, "1e2"))) == "result gt 1e2"


def test_every_function_of_the_table_is_known() -> None:
    assert len(FUNCTIONS) == 37  # and now()
    assert "now" not in FUNCTIONS


@given(
    st.recursive(
        st.sampled_from([RESULT, NAME, Literal(1), Literal("x")]),
        lambda inner: st.builds(
            Binary, st.sampled_from(sorted(ARITHMETIC | COMPARISONS | {"and", "or"})), inner, inner
        ),
        max_leaves=8,
    )
)
def test_no_expression_breaks_the_oracle(term: Term) -> None:
    assert judge(term, observation(result=4)) in Match
    assert {p.steps for p in paths_of(term)} <= {("result",), ("name",)}
    assert evaluated(term, observation(result=4)) != frozenset()
