"""Words → scene. English, Chinese and Japanese, from word lists in ``words/``; no model and no network."""

from .scene_builder import SLOTS, understand
from .story import LOOKS, Person, Story
from .suggestions import suggest_for_open_slots

__all__ = ["LOOKS", "SLOTS", "Person", "Story", "suggest_for_open_slots", "understand"]
