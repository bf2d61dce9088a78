"""Many attestations become one public register: a static site, badges, a feed, an API and open data."""
