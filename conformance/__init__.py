"""Prüfstand: does a running municipal platform speak the open standard, and can the city leave it?"""

__version__ = "0.1.0"
