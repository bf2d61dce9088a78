"""Small municipal platforms, one per standard, that conform in every point.

They are what the mutants start from: a check is only believed once it passes here and
fails on the same platform with exactly one seeded violation.
"""
