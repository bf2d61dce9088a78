"""The open data catalogue of the fictional Land Grünland, described in DCAT-AP.

One small catalogue in which every class and property of the profiles occurs with legal values, in four syntaxes
at addresses of their own and by content negotiation at the address without suffix. Everything is read from the
Turtle files beside this page, so the same catalogue can be called in process (:func:`application`) or over
loopback HTTP (:func:`serve`).
"""

from collections.abc import Mapping
from typing import Any

from conformance.reference.dcat_ap.app import application
from conformance.reference.dcat_ap.server import serve

#: Where the catalogue lies.
ENTRY = "/catalog.ttl"
#: What a subject has to be told beside its address: nothing.
PARAMETERS: Mapping[str, Any] = {}
#: What the operator claims beyond what every profile demands: that of 2.0 follows the handbook for GovData.
CLAIMS = ("http://dcat-ap.de/def/dcatde/2.0/implRules/",)

__all__ = ["CLAIMS", "ENTRY", "PARAMETERS", "application", "serve"]
