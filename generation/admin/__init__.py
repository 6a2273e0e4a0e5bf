"""What operators see and change of clips, accounts at providers, and models."""

from generation.admin import clips, connections, models, workflows

__all__ = ["clips", "connections", "models", "workflows"]
