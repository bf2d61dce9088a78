"""Where a crawl keeps what it saw: a temporary database, so that memory does not grow with the platform."""
