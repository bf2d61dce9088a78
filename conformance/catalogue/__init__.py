"""Reads ``profiles/``, ``shapes/`` and subject files; refuses incoherent data with file and line."""
