"""OParl 1.0 and 1.1: the open interface of council information systems."""

from conformance.standards.oparl.personal import pseudonymise
from conformance.standards.oparl.versions import spoken_versions

__all__ = ["pseudonymise", "spoken_versions"]
