"""What operators see and change of clips, accounts at providers, and models."""

from generation.admin import clips, connections, models

__all__ = ["clips", "connections", "models"]
