"""Hypothesis looks for new examples on a developer's machine and repeats known ones in CI.

A change must not fail on an example that has nothing to do with it.
Value lists that a developer keeps for himself count in no test.
"""

import os
from pathlib import Path

from hypothesis import settings

os.environ["CONFORMANCE_VOCABULARIES"] = str(Path(__file__).with_name("no-value-lists"))

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "search")
