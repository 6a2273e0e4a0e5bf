"""Admin pages of clips, connections, models of providers, overrides and workflows."""

from generation.admin import clips, connections, models, overrides, workflows

__all__ = ["clips", "connections", "models", "overrides", "workflows"]
