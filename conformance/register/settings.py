"""Who publishes the register, where, and under which terms (``register.json`` beside the attestations)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.errors import UsageError
from conformance.model import Text, say
from conformance.register.privacy import names_a_person, shown
from conformance.register.statistics import K
from conformance.report.harmless import link

CC_ZERO = "http://dcat-ap.de/def/licenses/cc-zero"
FEDERAL = "http://dcat-ap.de/def/politicalGeocoding/Level/federal"
TITLE = say("Register der Konformität", "Conformance register")
# DCAT-AP.de 3.0, requirement dcatde30-agent-type-subset
PUBLISHER_TYPES = ("LocalAuthority", "RegionalAuthority", "NationalAuthority", "SupraNationalAuthority")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the site says about itself. Without a publisher it calls itself a trial."""

    base_url: str
    title: Text = TITLE
    publisher: str = ""
    publisher_url: str = ""
    publisher_type: str = "NationalAuthority"
    contact_url: str = ""
    imprint_url: str = ""
    privacy_url: str = ""
    accessibility_url: str = ""
    licence: str = CC_ZERO
    contributor: str = ""
    geocoding_level: str = FEDERAL
    k: int = K

    @property
    def trial(self) -> bool:
        """Whether nobody stands for the register."""
        return not self.publisher


def settings_from(data: Mapping[str, Any], base_url: str) -> Settings:
    """Settings from the content of ``register.json``; UsageError names what is wrong."""
    publisher = data.get("publisher", {})
    named: dict[str, Any] = {
        "publisher": shown(publisher.get("name", ""), 120),
        "publisher_type": publisher.get("type", "NationalAuthority"),
        "publisher_url": _address(publisher.get("url", ""), "publisher.url"),
        "licence": _address(data.get("licence", CC_ZERO), "licence"),
        "contributor": _address(data.get("contributor", ""), "contributor"),
        "geocoding_level": _address(data.get("geocoding_level", FEDERAL), "geocoding_level"),
        "k": data.get("k", K),
    }
    for name in ("contact_url", "imprint_url", "privacy_url", "accessibility_url"):
        named[name] = _address(data.get(name, ""), name)
    if "title" in data:
        named["title"] = Text(shown(data["title"]["de"], 80), shown(data["title"]["en"], 80))
    if not isinstance(named["k"], int) or named["k"] < K:
        raise _wrong("k")
    if named["publisher_type"] not in PUBLISHER_TYPES or names_a_person(str(publisher.get("name", ""))):
        raise _wrong("publisher")
    return Settings(base_url=base_of(base_url), **named)


def base_of(url: str) -> str:
    """The address at which the site will be, with a slash at its end; UsageError if it is none."""
    if link(url) is None or urlsplit(url).query or urlsplit(url).fragment:
        raise UsageError(
            say("Keine Adresse einer Website: {u}", "Not the address of a site: {u}", u=shown(url, 200)),
            say(
                "Zum Beispiel --base-url https://register.example/",
                "E.g. --base-url https://register.example/",
            ),
        )
    return url.rstrip("/") + "/"


def _address(value: Any, name: str) -> str:
    if value and link(str(value)) is None:
        raise _wrong(name)
    return str(value)


def _wrong(name: str) -> UsageError:
    return UsageError(
        say("register.json: {n} ist falsch.", "register.json: {n} is wrong.", n=name),
        say(
            "Adressen beginnen mit https://, k ist mindestens {k}, Herausgeber ist eine Organisation.",
            "Addresses begin with https://, k is at least {k}, the publisher is an organisation.",
            k=K,
        ),
    )
