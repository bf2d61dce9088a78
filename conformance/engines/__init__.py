"""Engines turn recorded content into looks: JSON Schema, SHACL, OpenAPI (design, section 5)."""

from conformance.errors import ConformanceError
from conformance.model import FaultOwner


class EngineFault(ConformanceError):
    """An engine could not do its work (broken schema, shape or profile, crash); never a verdict.

    The fault is this suite's: the platform under test cannot be blamed for it.
    """

    owner = FaultOwner.SUITE


__all__ = ["EngineFault"]
