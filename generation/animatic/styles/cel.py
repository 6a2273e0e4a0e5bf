"""Cel: clean coloured lines and two flat tones, the look every other style departs from."""

from .style import Style

STYLE = Style("cel")
