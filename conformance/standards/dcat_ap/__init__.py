"""DCAT-AP, its German profile and its profile for high-value datasets: descriptions of open data in RDF."""
