"""Language models for the director. They have connections like providers, but make no clips."""
