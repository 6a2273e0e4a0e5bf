"""Adapter of language models for the director, which have connections like providers but make no clips."""
