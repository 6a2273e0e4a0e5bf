"""Tags for the wall of the library."""

from django import template

from generation.views import tiles

register = template.Library()
register.simple_tag(tiles.draw_tile, takes_context=True, name="tile")
register.simple_tag(tiles.draw_star, name="star")
