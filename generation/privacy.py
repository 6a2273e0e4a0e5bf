"""Export, erase and transfer the clips, pictures and videos of a user or guest."""
