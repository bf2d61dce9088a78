"""Faults of ordering, cutting, counting, paging and selecting."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from conformance.model import Request, Response
from conformance.reference.sensorthings.faults_query_common import (
    changed,
    emptied,
    entities_changed,
    option,
    pairs_of,
    with_pairs,
    without_filter,
)
from conformance.session import failures
from conformance.session.mutant import Forward, MutantResponse

# --- order, parts, pages -------------------------------------------------------------------------


def cut_before_ordered(request: Request, forward: Forward) -> MutantResponse:
    """$skip and $top are applied before $orderby."""
    pairs = pairs_of(request.url)
    names = {name for name, _ in pairs}
    if not {"$orderby", "$skip", "$top", "$count"} <= names:
        return forward(request)
    unordered = with_pairs(request, [pair for pair in pairs if pair[0] != "$orderby"])
    return entities_changed(forward(unordered), lambda found: found[::-1])


def later_option_ignored(request: Request, forward: Forward) -> MutantResponse:
    """$skip counts only if it stands before $top."""
    pairs = pairs_of(request.url)
    names = [name for name, _ in pairs]
    if "$select" in names and {"$top", "$skip"} <= set(names) and names.index("$top") < names.index("$skip"):
        return forward(with_pairs(request, [pair for pair in pairs if pair[0] != "$skip"]))
    return forward(request)


def skipped_after_top(request: Request, forward: Forward) -> MutantResponse:
    """$skip is applied to what $top has left: nothing of one entity."""
    return emptied(forward(request))


def nulls_at_the_end(request: Request, forward: Forward) -> MutantResponse:
    """What has no value comes last in ascending order, as databases have it that say nothing else."""
    name = option(request, "$orderby").split(" ")[0]
    return entities_changed(forward(request), lambda found: sorted(found, key=lambda e: e.get(name) is None))


def nulls_at_the_beginning(request: Request, forward: Forward) -> MutantResponse:
    """What has no value comes first in descending order."""
    name = option(request, "$orderby").split(" ")[0]
    return entities_changed(
        forward(request), lambda found: sorted(found, key=lambda e: e.get(name) is not None)
    )


def numbers_as_texts(request: Request, forward: Forward) -> MutantResponse:
    """Results are ordered as texts."""
    down = option(request, "$orderby").endswith("desc")
    return entities_changed(
        forward(request), lambda found: sorted(found, key=lambda e: str(e["result"]), reverse=down)
    )


def another_order_each_time(request: Request, forward: Forward) -> MutantResponse:
    """Asked again, entities come in another order."""
    answer = forward(request)
    return entities_changed(answer, lambda found: found[::-1]) if request.repeat else answer


def page_length_as_count(request: Request, forward: Forward) -> MutantResponse:
    """@iot.count is the number of entities on the page."""
    return changed(forward(request), lambda page: {**page, "@iot.count": len(page["value"])})


def everything_counted(request: Request, forward: Forward) -> MutantResponse:
    """@iot.count leaves the filter out."""
    whole = forward(without_filter(request))
    total = json.loads(whole.body).get("@iot.count") if isinstance(whole, Response) else None
    return changed(forward(request), lambda page: {**page, "@iot.count": total})


def no_link_from_first_page(request: Request, forward: Forward) -> MutantResponse:
    """The first page of the set does not name the next one."""
    if urlsplit(request.url).query:
        return forward(request)
    return changed(forward(request), lambda page: {n: v for n, v in page.items() if n != "@iot.nextLink"})


def boundary_twice(request: Request, forward: Forward) -> MutantResponse:
    """A page begins with the last entity of the page before."""
    answer = forward(request)
    token = int(option(request, "$skiptoken"))
    before = forward(with_pairs(request, [("$skiptoken", str(token - 1))]))
    if not isinstance(before, Response):
        return answer
    repeated = json.loads(before.body)["value"][0]
    return entities_changed(answer, lambda found: [{**repeated, "@iot.id": token}, *found])


def boundary_lost(request: Request, forward: Forward) -> MutantResponse:
    """A page leaves its first entity out."""
    return entities_changed(forward(request), lambda found: found[1:])


def one_page_more(request: Request, forward: Forward) -> MutantResponse:
    """The last page names a further one, which is empty and names another."""
    token = int(option(request, "$skiptoken"))
    following = f"{request.url.partition('?')[0]}?$skiptoken={token + 1000}"
    if token < 1000:
        return changed(forward(request), lambda page: {"@iot.nextLink": following, **page})
    return changed(
        forward(with_pairs(request, [("$skiptoken", "1")])),
        lambda _page: {"@iot.nextLink": following, "value": []},
    )


def internal_address(request: Request, forward: Forward) -> MutantResponse:
    """Links to next pages name a host that only the service itself reaches."""
    if urlsplit(request.url).hostname == "intern.example":
        return failures.injected("dns")
    return _relinked(forward(request), lambda link: link.replace("musterstadt.example", "intern.example"))


def dead_link(request: Request, forward: Forward) -> MutantResponse:
    """Links to next pages are answered with 404."""
    return _relinked(forward(request), lambda link: link.replace("/v1.1/", "/v1.1/alt/"))


def link_to_itself(request: Request, forward: Forward) -> MutantResponse:
    """An answer to $top=0 names itself as the next page (django-ogc-sensorthings 1.2)."""
    return changed(forward(request), lambda page: {**page, "@iot.nextLink": request.url})


def _relinked(answer: MutantResponse, change: Callable[[str], str]) -> MutantResponse:
    return changed(
        answer,
        lambda page: {n: change(v) if n == "@iot.nextLink" else v for n, v in page.items()},
    )


def control_information_beside(request: Request, forward: Forward) -> MutantResponse:
    """Selected properties come with @iot.id and @iot.selfLink beside them."""
    path = urlsplit(request.url)
    base, kind = f"{path.scheme}://{path.netloc}/v1.1", path.path.rpartition("/")[2]
    names = option(request, "$select")
    pairs = [(n, f"{v},id" if n == "$select" and "id" not in names else v) for n, v in pairs_of(request.url)]
    return entities_changed(
        forward(with_pairs(request, pairs)),
        lambda found: [{"@iot.selfLink": f"{base}/{kind}({e.get('@iot.id')})", **e} for e in found],
    )


def always_empty(request: Request, forward: Forward) -> MutantResponse:
    """Nothing is ever found."""
    return emptied(forward(request))


def filter_forgotten(request: Request, forward: Forward) -> MutantResponse:
    """The next page is that of the whole set, from its beginning."""
    kept = [pair for pair in pairs_of(request.url) if pair[0] not in ("$filter", "$skiptoken")]
    return entities_changed(
        forward(with_pairs(request, kept)), lambda found: [{**found[0], "@iot.id": 1}, *found[1:]]
    )
