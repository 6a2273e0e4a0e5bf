"""Tags that draw clips in the library: ``tile`` and ``star``."""

from django import template

from generation.views import tiles

register = template.Library()
register.simple_tag(tiles.draw_tile, takes_context=True, name="tile")
register.simple_tag(tiles.draw_star, name="star")
