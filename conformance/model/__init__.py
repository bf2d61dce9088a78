"""The nouns of the suite: frozen, typed, standard library only (design, section 5)."""

from conformance.model.annex import Annex, Cell
from conformance.model.exchange import (
    Exchange,
    Failure,
    FaultOwner,
    Headers,
    Request,
    Response,
    Tls,
)
from conformance.model.requirement import (
    BindingKind,
    ConformanceClass,
    Exclusion,
    Level,
    OfficialId,
    Profile,
    Reason,
    Requirement,
    Source,
    Theme,
)
from conformance.model.subject import BUNDLE_ROOT, Credential, Limits, Subject
from conformance.model.text import LANGUAGES, Language, Text, literal, say
from conformance.model.verdict import (
    ClassDecision,
    Decision,
    Finding,
    Outcome,
    RootCause,
    Tally,
    Verdict,
)

__all__ = [
    "BUNDLE_ROOT",
    "LANGUAGES",
    "Annex",
    "BindingKind",
    "Cell",
    "ClassDecision",
    "ConformanceClass",
    "Credential",
    "Decision",
    "Exchange",
    "Exclusion",
    "Failure",
    "FaultOwner",
    "Finding",
    "Headers",
    "Language",
    "Level",
    "Limits",
    "OfficialId",
    "Outcome",
    "Profile",
    "Reason",
    "Request",
    "Requirement",
    "Response",
    "RootCause",
    "Source",
    "Subject",
    "Tally",
    "Text",
    "Theme",
    "Tls",
    "Verdict",
    "literal",
    "say",
]
