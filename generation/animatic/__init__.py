"""The animatic: clips drawn by this studio itself, from words or a picture, without key, GPU or network."""
