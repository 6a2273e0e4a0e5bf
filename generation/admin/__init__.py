"""What operators see and change of clips, accounts at providers, models, and the ways of providers."""

from generation.admin import clips, connections, extras, manners, models, workflows

__all__ = ["clips", "connections", "extras", "manners", "models", "workflows"]
