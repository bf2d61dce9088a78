"""Headless Chromium and axe-core for the tests of pages; ``setup.sh`` installs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

AXE_VERSION = "4.14.1"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _cache() -> Path:
    named = os.environ.get("CONFORMANCE_TEST_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(named) if named else Path(base) / "conformance-tests"


@pytest.fixture(scope="session")
def axe_script() -> str:
    """The text of axe-core; ``AXE_CORE`` may name the file."""
    named = os.environ.get("AXE_CORE")
    path = Path(named) if named else _cache() / f"axe-core-{AXE_VERSION}" / "axe.min.js"
    if not path.is_file():
        pytest.skip("axe-core is not installed; run tests/browser/setup.sh")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium of the system; ``CHROMIUM`` may name the program."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed; run tests/browser/setup.sh")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
