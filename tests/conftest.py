"""Hypothesis looks for new examples on a developer's machine and repeats known ones in CI.

A change must not fail on an example that has nothing to do with it.
"""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "search")
