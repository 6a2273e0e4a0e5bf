"""Words → scene. English, Chinese and Japanese, from word lists in ``words/``; no model and no network."""

from .suggestions import missing_slots
from .writing import SLOTS, understand

__all__ = ["SLOTS", "missing_slots", "understand"]
