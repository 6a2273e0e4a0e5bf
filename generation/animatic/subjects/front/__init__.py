"""People seen from the front, as busts large enough to show a face."""
