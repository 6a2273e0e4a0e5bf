"""What operators see and change of clips, accounts at providers, and models."""

from generation.admin import clips, connections, extras, models, workflows

__all__ = ["clips", "connections", "extras", "models", "workflows"]
