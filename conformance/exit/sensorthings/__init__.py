"""Moving between SensorThings services (OGC 18-088): how they are read, and how they are written to."""
