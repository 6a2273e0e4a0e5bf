"""People seen from the front: a bust large enough to read a face."""
