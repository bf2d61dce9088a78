"""Tender kit: specification, frozen evaluation matrix, evaluation that can be recomputed. Pure functions."""
