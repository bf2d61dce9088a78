"""One writer per format: pure functions of the report JSON, without catalogue and without network."""
