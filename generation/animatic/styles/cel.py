"""Cel: clean coloured lines and two flat tones, the base of all other styles."""

from .style import Style

STYLE = Style("cel")
