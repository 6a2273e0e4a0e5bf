"""What operators see and change of clips, accounts at providers, models, and the ways of providers."""

from generation.admin import clips, connections, models, overrides, workflows

__all__ = ["clips", "connections", "models", "overrides", "workflows"]
