"""Build scenes from prompts in English, Chinese and Japanese with the word lists in ``words/``; no language model."""

from .scene_builder import SLOTS, understand
from .story import LOOKS, Person, Story
from .suggestions import suggest_for_open_slots

__all__ = ["LOOKS", "SLOTS", "Person", "Story", "suggest_for_open_slots", "understand"]
