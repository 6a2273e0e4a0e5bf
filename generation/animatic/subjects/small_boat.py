"""A small boat: one mast, a mainsail and a jib over a wooden hull, and a lantern at its mast except by day."""

from ..styles.colour import mix
from .brush import Brush
from .ink import Sheet, ellipse
from .puppet import Puppet

# keep tables of points in rows
# fmt: off


def draw_small_boat(puppet: Puppet, brush: Brush, colour: str) -> None:
    """Add sails and hull to the puppet; the wake is drawn by the ship."""
    puppet.add("sails", _draw_sails(brush), pivot=(0, 6))
    puppet.add("hull", _draw_hull(brush, colour), pivot=(0, 0))


def _draw_sails(brush: Brush) -> Sheet:
    sheet = brush.sheet(-30, 34, 2, 66)
    wood, cloth = brush.colour("#6a4a38"), brush.colour("#f6ecd8")
    line, shade = brush.line(cloth), brush.shade(cloth)
    sheet.fill([(1.2, 4), (3.0, 4), (2.5, 63), (1.8, 63)], wood, brush.line(wood), 0.4, smooth=False)
    for edge, folds in (
        ([(1.0, 60), (0.8, 12), (-24, 13.4), (-16, 30), (-6.5, 48)], ((-14, 15), (-7, 14))),
        ([(3.6, 54), (27, 10.5), (14, 12.6), (4.0, 14)], ((14, 14),)),
    ):
        path = sheet.fill(edge, cloth, line, 0.7, smooth=False)
        inside = sheet.mask(path, smooth=False)
        low = [(edge[0][0], 34), (-30, 8), (34, 8), (34, 24), (edge[0][0] + 4, 26)]
        sheet.tint(low, shade, 0.55, inside=inside, soft=2.0)
        for x, y in folds:
            sheet.stroke([(edge[0][0], 52), (x * 0.7, (52 + y) / 2), (x, y)], mix(cloth, line, 0.3), 0.4)
    sheet.stroke([(0.8, 12), (-25, 13.2)], wood, 1.1, (0.8, 0.6))
    if brush.stage.is_dark or brush.stage.time != "day":
        lamp = brush.bright(brush.stage.light.window)
        sheet.tint(ellipse(7.0, 10.6, 4.4, 4.4), lamp, 0.35, smooth=False, soft=2.4)
        sheet.fill(ellipse(7.0, 10.4, 1.5, 1.8).tolist(), lamp, brush.line(wood), 0.3, smooth=False)
    return sheet


def _draw_hull(brush: Brush, colour: str) -> Sheet:
    sheet = brush.sheet(-34, 40, -5, 16)
    hull = brush.colour(colour)
    outline = [(-26, 9), (-24, 2), (-18, -3), (18, -3), (28, 3), (34, 11.4), (20, 8.4), (0, 7.2), (-18, 8.0)]
    inside = sheet.mask(sheet.fill(outline, hull, brush.line(hull), 0.9), smooth=False)
    sheet.tint([(-40, 3.0), (0, 1.2), (40, 4.0), (40, -8), (-40, -8)], brush.shade(hull), 0.9, inside=inside)
    rail = mix(hull, brush.colour("#f4e6c8"), 0.55)
    sheet.stroke([(-25, 8.0), (-16, 6.8), (0, 6.0), (18, 7.0), (31, 10.0)], rail, 1.0, (0.7, 0.7))
    return sheet
