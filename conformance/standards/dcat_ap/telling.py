"""The catalogue that verdicts are made on: one that counts its deviations while they are found."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from conformance.checks import Look, observation
from conformance.model import Subject
from conformance.standards.dcat_ap.annexes import CONVENTIONS, Survey
from conformance.standards.dcat_ap.causes import Fault, fault_of_deviation, fault_of_result, faults_of_look
from conformance.standards.dcat_ap.observations import Catalogue, readable
from conformance.standards.dcat_ap.owners import owners_of
from conformance.standards.dcat_ap.places import Deviation

if TYPE_CHECKING:
    from conformance.engines.graphs import Result


class Counting:
    """Counts what it is told, from any thread; those from the conventions only if these are claimed."""

    def __init__(self, catalogue: Catalogue, conventions: bool) -> None:
        self._catalogue = catalogue
        self._conventions = conventions
        self._lock = threading.Lock()

    @cached_property
    def survey(self) -> Survey:
        """All deviations told so far, counted."""
        return Survey(owners_of(self._catalogue.columns), self._catalogue.lists)

    def result(self, requirement: str, result: Result) -> None:
        """A result of a shape."""
        self._add(fault_of_result(requirement, result))

    def deviation(self, requirement: str, deviation: Deviation) -> None:
        """A deviation that a check came upon."""
        self._add(fault_of_deviation(requirement, deviation))

    def look(self, requirement: str, look: Look) -> None:
        """A look with a finding."""
        for fault in faults_of_look(requirement, look):
            self._add(fault)

    def _add(self, fault: Fault) -> None:
        if self._conventions or ".conventions." not in fault.requirement:
            with self._lock:
                self.survey.add(fault)


@observation()
def catalogue(reading: Catalogue, subject: Subject) -> Catalogue:
    """The graph of all pages that could be read; unavailable if it says nothing."""
    found = readable(reading)
    return replace(found, listener=Counting(found, CONVENTIONS in subject.claims))


@observation()
def survey(catalogue: Catalogue) -> Survey:
    """All deviations from the profile that this run found, counted."""
    counting = catalogue.listener
    assert isinstance(counting, Counting)  # noqa: S101 - made so above
    return counting.survey
