"""The council information system of the fictional city of Grünfurt over OParl 1.1 or 1.0.

One city and its district as two bodies, everything in memory from the standard library, so that the same
platform can be called in process (:func:`application`) or over loopback HTTP (:func:`serve`). The other version
of the standard is answered beside it below its own entry point (clause 2.10: independent endpoints).
"""

from collections.abc import Mapping
from typing import Any

from conformance.reference.oparl.app import application
from conformance.reference.oparl.server import serve

#: Path of the entry point, the System object.
ENTRY = "/oparl/system"
#: What a subject has to be told beside its address: it is small, and nevertheless complete.
PARAMETERS: Mapping[str, Any] = {"coverage_objects": 3}

__all__ = ["ENTRY", "PARAMETERS", "application", "serve"]
