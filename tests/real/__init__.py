"""Tests against servers that nobody on this project wrote."""
