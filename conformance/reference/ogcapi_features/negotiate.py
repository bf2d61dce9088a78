"""Content negotiation by the header Accept (RFC 9110, 12.5.1; clause 7.5 of the standard)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

Parameters: TypeAlias = frozenset[tuple[str, str]]
MediaRange: TypeAlias = tuple[str, Parameters, float]


def choose(accept: str, offers: Sequence[str]) -> str | None:
    """The offered media type the client likes best, the earlier one where it does not care."""
    ranges = _parse(accept)
    if not ranges:
        return offers[0]
    quality = [_quality(offer, ranges) for offer in offers]
    best = max(quality)
    return offers[quality.index(best)] if best > 0 else None


@lru_cache(maxsize=256)
def _parse(accept: str) -> tuple[MediaRange, ...]:
    ranges = (_media_range(part) for part in accept.split(",") if part.strip())
    return tuple(one for one in ranges if one is not None)


def _media_range(text: str) -> MediaRange | None:
    name, *rest = (part.strip().lower() for part in text.split(";"))
    if name.count("/") != 1:
        return None
    parameters = dict(_pair(text) for text in rest)
    try:
        weight = float(parameters.pop("q", "1"))
    except ValueError:
        return None
    # All text here is UTF-8, and whoever asks for that charset gets it.
    if parameters.get("charset") == "utf-8":
        del parameters["charset"]
    return name, frozenset(parameters.items()), min(max(weight, 0.0), 1.0)


def _quality(offer: str, ranges: Sequence[MediaRange]) -> float:
    """The weight of the most specific range that covers the offer."""
    matches = [(_precision(offer, one), one[2]) for one in ranges]
    covering = [match for match in matches if match[0] > 0]
    return max(covering, key=lambda match: match[0])[1] if covering else 0.0


def _precision(offer: str, one: MediaRange) -> int:
    name, parameters, _ = one
    offered_name, *offered_parameters = offer.split(";")
    if name == "*/*":
        return 1
    if name.endswith("/*"):
        return 2 if offered_name.startswith(name[:-1]) else 0
    if name != offered_name or not parameters <= {_pair(text) for text in offered_parameters}:
        return 0
    return 3 + len(parameters)


def _pair(parameter: str) -> tuple[str, str]:
    name, _, value = parameter.partition("=")
    return name.strip(), value.strip(' "')
