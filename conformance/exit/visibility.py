"""Who may see what before and after the move: an entity hidden in the old system must not be public in the new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.errors import UndeterminedError
from conformance.exit.domains import Domain
from conformance.exit.idmap import IdMap
from conformance.exit.metrics import NOT_MEASURED, NOTHING, Metric
from conformance.exit.wire import Denied, Wire
from conformance.model import say

SAMPLE = 25  # entities of a kind that are asked for anonymously

_PUBLIC = say(
    "Beide Systeme wurden ohne Zugangsdaten gelesen: Was übertragen wurde, ist auf beiden Seiten öffentlich.",
    "Both systems were read without credentials: whatever was moved is public on both sides.",
)
_SAMPLED = say(
    "Stichprobe: {n} Objekte ohne Zugangsdaten abgefragt, je Art höchstens {s}.",
    "Sample: {n} entities asked for without credentials, at most {s} of a kind.",
    n="{n}",
    s=SAMPLE,
)


@dataclass(frozen=True, slots=True)
class Anonymous:
    """The ways to both systems without credentials; None where the system was read without any."""

    source: Wire | None
    target: Wire | None


def visibility(
    anonymous: Anonymous, source: Wire, target: Wire, domain: Domain, idmap: IdMap, moved: int
) -> Metric:
    """L_perm: how many entities can be seen by everybody in the target and not in the source (leaks)."""
    if not moved:
        return Metric("L_perm", None, "leaks", 0, 0, None, {"reason": NOTHING.to_json()})
    if anonymous.source is None and anonymous.target is None:
        return Metric("L_perm", 0, "leaks", moved, 0, True, {"hidden": 0, "method": _PUBLIC.to_json()})
    here, there = anonymous.source or source, anonymous.target or target
    leaks, hidden, asked = [], 0, 0
    for kind, a, b in _sample(domain, idmap):
        before, after = _seen(here, domain, kind, a), _seen(there, domain, kind, b)
        if before is None or after is None:
            continue
        asked += 1
        hidden += before and not after
        if after and not before:
            leaks.append(f"{kind}({a})")
    if not asked:
        return Metric("L_perm", None, "leaks", 0, 0, None, {"reason": NOT_MEASURED.to_json()})
    method = say(_SAMPLED.de, _SAMPLED.en, n=asked)
    detail = {"hidden": hidden, "leaks": leaks, "method": method.to_json()}
    return Metric("L_perm", len(leaks), "leaks", asked, len(leaks), not leaks, detail)


def _sample(domain: Domain, idmap: IdMap) -> Iterator[tuple[str, str, str]]:
    for kind in domain.kinds:
        for place, (a, b) in enumerate(idmap.pairs(kind)):
            if place >= SAMPLE:
                break
            yield kind, a, b


def _seen(wire: Wire, domain: Domain, kind: str, ident: str) -> bool | None:
    """Whether the entity is given out; None if nobody can tell (no answer, server error)."""
    try:
        status = wire.look(domain.delete_url(wire, kind, ident), patient=False).status
    except Denied:
        return False
    except UndeterminedError:
        return None
    return None if status >= 500 else status == 200
