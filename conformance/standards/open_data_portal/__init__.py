"""Open data portals as harvesters meet them: the catalogue in RDF, its pages, its parameters, the API of CKAN.

None of it is a standard; it is what harvesting between portals relies on (documentation of ckanext-dcat and CKAN).
"""
