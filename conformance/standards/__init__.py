"""One package per standard: observations and checks that data cannot express.

Standards import nothing of each other; adding one touches no existing file.
"""
