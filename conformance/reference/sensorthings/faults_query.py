"""Faults of operators, literals and functions of ``$filter``.

Each changes what ``$filter`` says before the genuine service reads it, so that a service results which understands
one operator or one function in another way.
"""

import re

from conformance.model import Request
from conformance.reference.sensorthings.faults_query_common import (
    entities_changed,
    option,
    pairs_of,
    refiltered,
    with_pairs,
    without_filter,
)
from conformance.session.mutant import Forward, MutantResponse

# --- operators -----------------------------------------------------------------------------------


def equal_whatever_case(request: Request, forward: Forward) -> MutantResponse:
    """Names are compared without regard to capitals."""
    return refiltered(request, forward, r"^name eq '(.*)'$", lambda m: f"tolower(name) eq '{m[1].lower()}'")


def greater_includes_limit(request: Request, forward: Forward) -> MutantResponse:
    """gt is taken for ge."""
    return refiltered(request, forward, r"^result gt", "result ge")


def greater_or_equal_excludes_limit(request: Request, forward: Forward) -> MutantResponse:
    """ge is taken for gt."""
    return refiltered(request, forward, r"^result ge", "result gt")


def less_includes_limit(request: Request, forward: Forward) -> MutantResponse:
    """lt is taken for le."""
    return refiltered(request, forward, r"^result lt", "result le")


def less_or_equal_excludes_limit(request: Request, forward: Forward) -> MutantResponse:
    """le is taken for lt."""
    return refiltered(request, forward, r"^result le", "result lt")


def or_for_and(request: Request, forward: Forward) -> MutantResponse:
    """and is taken for or."""
    if " or " in option(request, "$filter"):
        return forward(request)
    return refiltered(request, forward, r"' and ", "' or ")


def second_of_and_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Of two conditions that are joined by and, only the first counts."""
    if " or " in option(request, "$filter"):
        return forward(request)
    return refiltered(request, forward, r"' and .*", "'")


def and_for_or(request: Request, forward: Forward) -> MutantResponse:
    """or is taken for and."""
    if " and " in option(request, "$filter"):
        return forward(request)
    return refiltered(request, forward, r"' or ", "' and ")


def not_ignored(request: Request, forward: Forward) -> MutantResponse:
    """not has no effect."""
    return refiltered(request, forward, r"^not \(name", "(name")


def addition_ignored(request: Request, forward: Forward) -> MutantResponse:
    """What is added is ignored."""
    return refiltered(request, forward, r"^result add 5 ", "result ")


def subtracts_the_wrong_way(request: Request, forward: Forward) -> MutantResponse:
    """sub is taken for add."""
    return refiltered(request, forward, r"\bsub\b", "add")


def divides_to_integers(request: Request, forward: Forward) -> MutantResponse:
    """div cuts decimals off."""
    return refiltered(request, forward, r"^(\w+ div \d+) eq", r"floor(\1) eq")


def parentheses_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Parentheses in arithmetic have no effect."""
    return refiltered(request, forward, r"^\((\w+ add 1)\) mul", r"\1 mul")


def from_left_to_right(request: Request, forward: Forward) -> MutantResponse:
    """and and or are read from left to right."""
    return refiltered(request, forward, r"^(name eq .* or name eq .*) and (description)", r"(\1) and \2")


def sums_first(request: Request, forward: Forward) -> MutantResponse:
    """Arithmetic is read from left to right."""
    return refiltered(request, forward, r"^(1 add \w+) mul", r"(\1) mul")


# --- literals and null ---------------------------------------------------------------------------


def null_is_later(request: Request, forward: Forward) -> MutantResponse:
    """What has no time is later than every instant (FROST-Server issue 116)."""
    return refiltered(request, forward, r"^(phenomenonTime) gt (\S+)$", r"\1 gt \2 or \1 eq null")


def offset_dropped(request: Request, forward: Forward) -> MutantResponse:
    """The offset of instants in filters is dropped."""
    return refiltered(request, forward, r"(\d{2}:\d{2}:\d{2})[+-]\d{2}:\d{2}", r"\1Z")


def encoded_dollar_unknown(request: Request, forward: Forward) -> MutantResponse:
    """An option whose dollar sign is encoded is taken for one of somebody else and ignored."""
    return forward(without_filter(request)) if "%24filter" in request.url else forward(request)


def everything_twice(request: Request, forward: Forward) -> MutantResponse:
    """An entity comes once for each row of a join."""
    return entities_changed(forward(request), lambda found: [e for entity in found for e in (entity, entity)])


def plus_is_space(request: Request, forward: Forward) -> MutantResponse:
    """A plus sign in a text is read as a space, although it came encoded."""
    return refiltered(request, forward, r"\+", " ")


def sign_dropped(request: Request, forward: Forward) -> MutantResponse:
    """The sign of a number is dropped."""
    return refiltered(request, forward, r"^(result eq) -", r"\1 ")


# --- functions -----------------------------------------------------------------------------------


def part_and_text_swapped(request: Request, forward: Forward) -> MutantResponse:
    """substringof looks for the second text in the first."""
    return refiltered(request, forward, r"substringof\(('.*'),(\w+)\)", r"substringof(\2,\1)")


def end_is_start(request: Request, forward: Forward) -> MutantResponse:
    """endswith compares the beginning."""
    return refiltered(request, forward, r"\bendswith\(", "startswith(")


def start_whatever_case(request: Request, forward: Forward) -> MutantResponse:
    """startswith compares without regard to capitals."""
    return refiltered(
        request,
        forward,
        r"^startswith\(name,'(.*)'\)$",
        lambda m: f"startswith(tolower(name),'{m[1].lower()}')",
    )


def length_in_octets(request: Request, forward: Forward) -> MutantResponse:
    """length counts octets."""
    found = re.search(r"^length\(name\) eq (\d+)$", option(request, "$filter"))
    if not found:
        return forward(request)
    wanted = int(found[1])
    return entities_changed(
        forward(without_filter(request)),
        lambda entities: [e for e in entities if len(e["name"].encode()) == wanted],
    )


def index_from_one(request: Request, forward: Forward) -> MutantResponse:
    """indexof counts from 1."""
    return _shifted(request, forward, "indexof", -1)


def index_from_two(request: Request, forward: Forward) -> MutantResponse:
    """indexof counts from 2."""
    return _shifted(request, forward, "indexof", -2)


def index_never_found(request: Request, forward: Forward) -> MutantResponse:
    """indexof yields -1 for every text."""
    return refiltered(request, forward, r"^indexof\(.*\) eq", "-1 eq")


def substring_to_the_end(request: Request, forward: Forward) -> MutantResponse:
    """substring leaves out how many characters are wanted."""
    return refiltered(request, forward, r"substring\(name,(\d+),\d+\)", r"substring(name,\1)")


def substring_from_one(request: Request, forward: Forward) -> MutantResponse:
    """substring counts from 1 (FROST-Server before 2.5)."""
    return refiltered(
        request, forward, r"substring\(name,(\d+)\)", lambda m: f"substring(name,{int(m[1]) - 1})"
    )


def lower_case_ignored(request: Request, forward: Forward) -> MutantResponse:
    """tolower leaves texts as they are."""
    return refiltered(request, forward, r"^tolower\((\w+)\)", r"\1")


def upper_case_of_ascii(request: Request, forward: Forward) -> MutantResponse:
    """toupper leaves umlauts as they are."""
    found = re.search(r"^toupper\(name\) eq '(.*)'$", option(request, "$filter"))
    if not found:
        return forward(request)
    return entities_changed(
        forward(without_filter(request)),
        lambda entities: [e for e in entities if _ascii_lower(e["name"]) == _ascii_lower(found[1])],
    )


def _ascii_lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def trim_has_no_effect(request: Request, forward: Forward) -> MutantResponse:
    """trim leaves spaces where they are."""
    return refiltered(request, forward, r"trim\(('.*?')\)", r"\1")


def _shifted(request: Request, forward: Forward, name: str, by: int) -> MutantResponse:
    """A function whose value differs from the genuine one: the wanted value is shifted back."""
    return refiltered(
        request, forward, rf"^({name}\(.*\)) eq (\d+)$", lambda m: f"{m[1]} eq {int(m[2]) + by}"
    )


def year_of_the_week(request: Request, forward: Forward) -> MutantResponse:
    """year is a year ahead, as with a format that means the year of the week."""
    return _shifted(request, forward, "year", -1)


def month_from_zero(request: Request, forward: Forward) -> MutantResponse:
    """month counts from 0."""
    return _shifted(request, forward, "month", 1)


def day_of_the_year(request: Request, forward: Forward) -> MutantResponse:
    """day yields the day of the year."""
    return refiltered(request, forward, r"^day\((\w+)\) eq (\d+)$", r"day(\1) eq \2 and month(\1) eq 1")


def hour_of_the_server(request: Request, forward: Forward) -> MutantResponse:
    """hour is that of a server two hours east of UTC."""
    return _shifted(request, forward, "hour", -2)


def second_with_fraction(request: Request, forward: Forward) -> MutantResponse:
    """second yields decimals as well, and equals a whole number only without them."""
    return refiltered(
        request,
        forward,
        r"^second\((\w+)\) eq (\d+)$",
        r"second(\1) eq \2 and fractionalseconds(\1) eq 0",
    )


def now_is_long_ago(request: Request, forward: Forward) -> MutantResponse:
    """now() yields the beginning of 1970."""
    return refiltered(request, forward, r"now\(\)", "1970-01-01T00:00:00Z")


def minimum_is_now(request: Request, forward: Forward) -> MutantResponse:
    """mindatetime() is a time at which there were data already."""
    return refiltered(request, forward, r"mindatetime\(\)", "2020-06-01T00:00:00Z")


def maximum_is_now(request: Request, forward: Forward) -> MutantResponse:
    """maxdatetime() is a time after which there are data."""
    return refiltered(request, forward, r"maxdatetime\(\)", "2020-06-01T00:00:00Z")


def date_keeps_time(request: Request, forward: Forward) -> MutantResponse:
    """date leaves the time of day in."""
    return refiltered(request, forward, r"date\(([^()]*)\)", r"\1")


def time_keeps_day(request: Request, forward: Forward) -> MutantResponse:
    """time leaves the day in."""
    return refiltered(request, forward, r"\btime\(([^()]*)\)", r"\1")


def offset_in_hours(request: Request, forward: Forward) -> MutantResponse:
    """totaloffsetminutes is that of the server, an hour east of UTC."""
    return _shifted(request, forward, "totaloffsetminutes", -60)


def cut_for_round(request: Request, forward: Forward) -> MutantResponse:
    """round cuts decimals off."""
    return refiltered(request, forward, r"^round\(", "floor(")


def round_for_floor(request: Request, forward: Forward) -> MutantResponse:
    """floor rounds."""
    return refiltered(request, forward, r"^floor\(", "round(")


def round_for_ceiling(request: Request, forward: Forward) -> MutantResponse:
    """ceiling rounds."""
    return refiltered(request, forward, r"^ceiling\(", "round(")


# --- geometries ----------------------------------------------------------------------------------


def latitude_first(request: Request, forward: Forward) -> MutantResponse:
    """geo.distance reads latitude before longitude."""
    return refiltered(request, forward, r"(geo\.distance\(.*POINT \()(\S+) (\S+)\)", r"\1\3 \2)")


def boxes_only(request: Request, forward: Forward) -> MutantResponse:
    """geo.intersects looks at the bounding rectangle of the area only."""
    return refiltered(request, forward, r"(geo\.intersects\(.*)POLYGON \(\((.*)\)\)", _boxed)


def _boxed(match: re.Match[str]) -> str:
    corners = [tuple(map(float, pair.split())) for pair in match[2].split(",")]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    x1, x2, y1, y2 = min(xs), max(xs), min(ys), max(ys)
    return f"{match[1]}POLYGON (({x1} {y1},{x2} {y1},{x2} {y2},{x1} {y2},{x1} {y1}))"


def _any_contact(request: Request, forward: Forward, name: str) -> MutantResponse:
    return refiltered(request, forward, rf"\b{name}\(", "st_intersects(")


def disjoint_is_contact(request: Request, forward: Forward) -> MutantResponse:
    """st_disjoint does the opposite."""
    return _any_contact(request, forward, "st_disjoint")


def touch_is_contact(request: Request, forward: Forward) -> MutantResponse:
    """st_touches is any contact."""
    return _any_contact(request, forward, "st_touches")


def boundary_is_within(request: Request, forward: Forward) -> MutantResponse:
    """st_within counts the boundary in."""
    return _any_contact(request, forward, "st_within")


def overlap_is_contact(request: Request, forward: Forward) -> MutantResponse:
    """st_overlaps is any contact."""
    return _any_contact(request, forward, "st_overlaps")


def cross_is_contact(request: Request, forward: Forward) -> MutantResponse:
    """st_crosses is any contact."""
    return _any_contact(request, forward, "st_crosses")


def contact_is_equality(request: Request, forward: Forward) -> MutantResponse:
    """st_intersects finds equal geometries only."""
    return refiltered(request, forward, r"\bst_intersects\(", "st_equals(")


def equality_is_contact(request: Request, forward: Forward) -> MutantResponse:
    """st_equals is any contact."""
    return _any_contact(request, forward, "st_equals")


def contained_for_containing(request: Request, forward: Forward) -> MutantResponse:
    """st_contains asks whether the second contains the first."""
    return refiltered(request, forward, r"\bst_contains\(", "st_within(")


def pattern_ignored(request: Request, forward: Forward) -> MutantResponse:
    """st_relate holds for every pattern where geometries meet."""
    return refiltered(request, forward, r"\bst_relate\((.*),'[^']*'\)", r"st_intersects(\1)")


# --- harmless ------------------------------------------------------------------------------------


def distance_in_metres(request: Request, forward: Forward) -> MutantResponse:
    """geo.distance yields metres."""
    return refiltered(request, forward, r" lt 0\.0000001$", " lt 0.000000000001")


def fraction_in_milliseconds(request: Request, forward: Forward) -> MutantResponse:
    """fractionalseconds yields whole milliseconds."""
    return refiltered(request, forward, r"fractionalseconds\((\w+)\)", r"fractionalseconds(\1) mul 1000")


def halves_to_even(request: Request, forward: Forward) -> MutantResponse:
    """round takes halves to the even neighbour."""
    found = re.search(r"^round\((\w+)\) eq (-?\d+)$", option(request, "$filter"))
    if not found:
        return forward(request)
    name, wanted = found[1], int(found[2])
    low, high = ("ge", "le") if wanted % 2 == 0 else ("gt", "lt")
    text = f"{name} {low} {wanted - 0.5} and {name} {high} {wanted + 0.5}"
    return forward(
        with_pairs(request, [(n, text if n == "$filter" else v) for n, v in pairs_of(request.url)])
    )
