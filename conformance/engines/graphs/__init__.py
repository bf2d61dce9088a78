"""SHACL for graphs of any size: files into columns, shapes into a plan, violations as a stream.

:func:`load` reads Turtle, N-Triples, RDF/XML and JSON-LD, packed or not; :func:`prepare` compiles shapes;
:func:`validate` gives the results; :func:`lint` says what is wrong with the shapes themselves.
"""

from conformance.engines.graphs.columns import Columns
from conformance.engines.graphs.engine import Shapes, Validation, prepare, read_shapes, validate
from conformance.engines.graphs.evaluate import Result
from conformance.engines.graphs.lint import ShapeFinding, lint
from conformance.engines.graphs.load import BadIri, FileRead, Loaded, load
from conformance.engines.graphs.plan import Handed, Ignored, Plan
from conformance.engines.graphs.sources import Limits, Source, Trouble

__all__ = [
    "BadIri",
    "Columns",
    "FileRead",
    "Handed",
    "Ignored",
    "Limits",
    "Loaded",
    "Plan",
    "Result",
    "ShapeFinding",
    "Shapes",
    "Source",
    "Trouble",
    "Validation",
    "lint",
    "load",
    "prepare",
    "read_shapes",
    "validate",
]
