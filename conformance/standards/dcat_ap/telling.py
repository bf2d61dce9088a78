"""The catalogue that verdicts are made on: one that counts its deviations while they are found."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from conformance.checks import Look, observation
from conformance.model import Subject
from conformance.session.http import Http
from conformance.standards.dcat_ap.annexes import CONVENTIONS, Survey
from conformance.standards.dcat_ap.causes import Fault, fault_of_deviation, fault_of_result, faults_of_look
from conformance.standards.dcat_ap.observations import Catalogue, readable
from conformance.standards.dcat_ap.official_text import TextDeviations
from conformance.standards.dcat_ap.owners import owners_of
from conformance.standards.dcat_ap.places import Deviation

if TYPE_CHECKING:
    from conformance.engines.graphs import Result


class Counting:
    """Counts what it is told, from any thread; those from the conventions only if these are claimed.

    ``text``: the places, too, if there are official shapes to be set against them.
    """

    def __init__(self, catalogue: Catalogue, conventions: bool, text: TextDeviations | None = None) -> None:
        self._catalogue = catalogue
        self._conventions = conventions
        self.text = text
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
        with self._lock:
            if self.text is not None:
                self.text.add(fault)
            if self._conventions or ".conventions." not in fault.requirement:
                self.survey.add(fault)


@observation()
def catalogue(reading: Catalogue, subject: Subject, http: Http) -> Catalogue:
    """The graph of all pages that could be read; unavailable if it says nothing."""
    found = readable(reading)
    text = TextDeviations() if http.bundle_files else None
    return replace(found, listener=Counting(found, CONVENTIONS in subject.claims, text))


@observation()
def survey(catalogue: Catalogue) -> Survey:
    """All deviations from the profile that this run found, counted."""
    return _counting(catalogue).survey


@observation()
def text_deviations(catalogue: Catalogue, own_requirements: frozenset[str]) -> TextDeviations | None:
    """All places that the requirements of this run raise; None without a bundle."""
    text = _counting(catalogue).text
    return None if text is None else text.only(own_requirements)


def _counting(catalogue: Catalogue) -> Counting:
    counting = catalogue.listener
    assert isinstance(counting, Counting)  # noqa: S101 - made so above
    return counting
