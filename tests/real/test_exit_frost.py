"""Leaving between FROST-Server and our own store, both directions, with the canary set.

The questions are those of :mod:`test_exit_sensorthings`; the golden file names every loss with the reason why it is
one, and whose it is. Skipped without the address of an empty FROST-Server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue.yaml import load_yaml
from conformance.exit.load import unload
from conformance.exit.rehearse import End

from .frost import counts, frost_end
from .test_exit_sensorthings import (  # noqa: F401 - the same questions, asked of other directions
    DOMAIN,
    Done,
    moved,
    reference,
    test_consumers,
    test_each_loss_says_why_it_is_one,
    test_exactly_the_known_losses,
    test_nothing_is_unexplained_and_nothing_is_the_loaders,
    test_the_decision,
    test_the_figures_of_the_direction,
    test_the_loader_loses_nothing_on_the_same_way_into_our_store,
    test_the_result_is_whole_and_has_its_page,
    test_what_became_of_each_hard_case,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "sensorthings" / "exit-FROST-Server.yaml"
DIRECTIONS = ("frost-to-reference", "reference-to-frost")


@pytest.fixture(scope="module")
def frost(frost_root: str) -> Iterator[End]:
    with frost_end(frost_root) as end:
        yield end


def taken_back(frost: End, source: End, target: End, folder: Path) -> Done:
    """What a direction gives; FROST-Server is empty again afterwards."""
    with ExitStack() as stack:
        state = folder / ("seed" if source is frost else "r/load")
        stack.callback(unload, state, frost.wire, DOMAIN)
        done = moved(source, target, folder)
    assert not any(counts(frost.subject.url).values())
    return done


@pytest.fixture(scope="module")
def results(frost: End, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Both directions; one after the other, because there is one FROST-Server."""
    store, folder = reference(), tmp_path_factory.mktemp("frost-exit")
    out = taken_back(frost, frost, store, folder / "out")
    return dict(zip(DIRECTIONS, (out, taken_back(frost, reference(), frost, folder / "in")), strict=True))


@pytest.fixture(params=DIRECTIONS)
def case(
    request: pytest.FixtureRequest, results: dict[str, Done]
) -> tuple[dict[str, Any], dict[str, Any], Path]:
    """What is expected of a direction, its result, its folder."""
    data, folder = results[request.param]
    return load_yaml(GOLDEN).data[request.param], data, folder
