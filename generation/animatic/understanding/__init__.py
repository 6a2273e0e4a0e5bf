"""Prompt → scene. Reads English, Chinese and Japanese with the word lists in ``words/``; no model, no network."""

from .scene_builder import SLOTS, understand
from .story import LOOKS, Person, Story
from .suggestions import suggest_for_open_slots

__all__ = ["LOOKS", "SLOTS", "Person", "Story", "suggest_for_open_slots", "understand"]
