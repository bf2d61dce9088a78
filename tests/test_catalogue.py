"""Every profile that is installed: coherent, fully accounted for, and documented as it is."""

from __future__ import annotations

import pytest

from conformance.catalogue.profiles import profile_folder, profile_names
from conformance.cli.lint_cmd import problems_of
from conformance.cli.list_cmd import markdown_table
from conformance.suite import load_suite


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_is_coherent_and_accounts_for_every_clause(name: str) -> None:
    assert problems_of(name) == []


@pytest.mark.parametrize("name", profile_names())
def test_the_table_of_a_profile_is_current(name: str) -> None:
    written = (profile_folder(name) / "README.md").read_text(encoding="utf-8")
    assert written == markdown_table(load_suite(name).profile), (
        f"conformance list {name} --markdown > profiles/{name}/README.md"
    )
