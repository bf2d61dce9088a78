"""OGC API - Features for the exit rehearsal: read through Part 1, written through Part 4 or as a GeoPackage."""
