"""Words → scene. English, Chinese and Japanese, from word lists in ``words/``; no model and no network."""

from .story import LOOKS, Person, Story
from .suggestions import missing_slots
from .writing import SLOTS, understand

__all__ = ["LOOKS", "SLOTS", "Person", "Story", "missing_slots", "understand"]
