"""The open data portal of the fictional city of Lindenfurt: what harvesters expect of one, and nothing else.

25 public datasets in pages of ten, in every syntax of ckanext-dcat, with the action API of CKAN beside it; three
of them come from the catalogue of the city's works, and two more (a private one, a draft) never show. Everything
is in memory, so the same portal can be called in process (:func:`application`) or over loopback HTTP
(:func:`serve`).
"""

from collections.abc import Mapping
from typing import Any

from conformance.reference.open_data_portal.app import application
from conformance.reference.open_data_portal.server import serve

#: The landing page of the portal.
ENTRY = "/"
#: What a subject has to be told beside its address: nothing.
PARAMETERS: Mapping[str, Any] = {}

__all__ = ["ENTRY", "PARAMETERS", "application", "serve"]
