"""Words → scene. English, Chinese and Japanese, from word lists in ``words/``; no model and no network."""

from .story import LOOKS, Person, Story
from .suggestions import suggest_for_missing_slots
from .writing import SLOTS, understand

__all__ = ["LOOKS", "SLOTS", "Person", "Story", "suggest_for_missing_slots", "understand"]
