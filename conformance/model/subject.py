"""The running platform under test: where it is, whose it is, how it may be approached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

BUNDLE_ROOT = "https://bundle.invalid/"
"""Below this address lie files that the user adds to a run (RFC 2606: a name that never resolves)."""

VOCABULARY_ROOT = "https://vocabularies.invalid/"
"""Below this address lie the user's own value lists that count in a run."""

BESIDE = (BUNDLE_ROOT, VOCABULARY_ROOT)
"""Where what is part of the evidence lies that did not come from the platform."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret by reference: the value comes from an environment variable or a file, never from here.

    ``scheme`` is ``bearer``, ``basic`` (value ``user:password``), ``header`` or ``query``; ``name`` is the
    header or query parameter for the last two. ``value`` is filled when the run starts and never leaves
    the live adapter.
    """

    scheme: str
    source: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Manners towards the platform (design, section 7)."""

    rate: float = 5.0  # requests per second and host
    concurrency: int = 4  # requests at once per host
    budget: int = 500  # requests per run
    connect_timeout: float = 10.0  # seconds
    read_timeout: float = 30.0  # seconds without a byte
    total_timeout: float = 60.0  # seconds per exchange
    body_bytes: int = 20_000_000  # decoded bytes per body
    run_bytes: int = 300_000_000  # decoded bytes per run
    redirects: int = 5
    retry_after_max: float = 60.0  # longest wait that Retry-After may ask for, seconds
    run_seconds: float = 3600.0
    pages: int = 60  # pages followed per chain


@dataclass(frozen=True, slots=True)
class Subject:
    """The platform under test (Prüfgegenstand).

    ``claims`` are conformance class URIs the operator claims beyond what the platform itself declares
    (ICS); ``parameters`` tell checks how to reach things (IXIT), for example ``collections``.
    ``allow_private`` permits loopback, private and link-local addresses. ``sandbox`` marks a platform that
    may be written to. ``source`` names the dump (folder or file of JSON) that is judged instead of the
    platform; empty for a platform. ``bundle`` names a folder of official shapes to be applied beside ours;
    ``vocabularies`` the files of the user's own value lists that count instead of those that ship with the suite.
    """

    name: str
    url: str
    operator: str = ""
    product: str = ""
    product_version: str = ""
    claims: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    limits: Limits = Limits()
    credentials: tuple[Credential, ...] = ()
    redact_headers: tuple[str, ...] = ()
    allow_private: bool = False
    sandbox: bool = False
    ca_file: str = ""
    contact: str = ""
    source: str = ""
    bundle: str = ""
    vocabularies: tuple[str, ...] = ()
