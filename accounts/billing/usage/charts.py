"""Draw charts as SVG on the server. Beside each chart its page has a table with the same figures.

Colours are classes (static/css/pages/usage.css); every series also has a pattern or tone of its own. The scale is at
the right, beside the newest days, which narrow screens show first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, get_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.text import label_value

WIDTH, RIGHT, TOP, BOTTOM = 744, 36, 10, 36
ROW, GAP = 16, 3  # height of a square with its gap, and the gap
MAX_ROWS = 12
MAX_SQUARE = 40  # width of a square where few days share the chart
STEPS = (1, 2, 5)
LOOKS = ("ink", "hatched", "red", "plain")
HATCH = mark_safe(
    '<defs><pattern id="usage-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="usage-paper" width="5" height="5"/><path class="usage-stripe" d="M0 0v5"/></pattern></defs>'
)


@dataclass(frozen=True)
class Series:
    """The figures of one provider, one for each day. ``look``: one of LOOKS."""

    label: str
    values: Sequence[int]
    look: str


def find_unit(highest: int, rows: int = MAX_ROWS) -> int:
    """Return how many things one square stands for, so that the highest column fits: 1, 2, 5, 10, 20 …"""
    power = 1
    while True:
        for step in STEPS:
            if step * power * rows >= highest:
                return step * power
        power *= 10


def draw_columns(days: Sequence[date], series: Sequence[Series], label: str) -> SafeString:
    """Return an SVG with a column of squares for each day. One square is ``find_unit`` things of one series."""
    totals = [sum(one.values[n] for one in series) for n in range(len(days))]
    unit = find_unit(max(totals, default=0))
    rows = max(1, -(-max(totals, default=0) // unit))
    base = TOP + rows * ROW
    step = (WIDTH - RIGHT) / max(1, len(days))
    lines = [*_draw_grid(rows, unit, base), *_draw_days(days, series, unit, base, step, totals)]
    return format_html(
        '<svg class="usage-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        WIDTH,
        base + BOTTOM,
        label,
        HATCH,
        format_html_join("", "{}", ((line,) for line in lines)),
    )


def _draw_grid(rows: int, unit: int, base: int) -> list[SafeString]:
    every = 3 if rows > 4 else 1
    found = []
    for row in range(rows + 1):
        y = base - row * ROW
        found.append(format_html('<path class="usage-grid" d="M0 {}.5H{}"/>', y, WIDTH - RIGHT))
        if row % every == 0:
            found.append(format_html('<text x="{}" y="{}">{}</text>', WIDTH - RIGHT + 8, y + 4, row * unit))
    return found


def _draw_days(days, series, unit: int, base: int, step: float, totals) -> list[SafeString]:
    found = []
    every = 1 if len(days) <= 10 else 5 if len(days) <= 31 else 15
    day_format = get_format("MONTH_DAY_FORMAT").replace("F", "M")
    for n, day in enumerate(days):
        x = n * step
        title = label_value(date_format(day, "MONTH_DAY_FORMAT"), totals[n])
        squares = _draw_squares([(one.look, one.values[n]) for one in series], unit, base, x, step)
        found.append(format_html("<g><title>{}</title>{}</g>", title, squares))
        if (len(days) - 1 - n) % every == 0 and x + step / 2 > 24:
            words = (f"{x + step / 2:.1f}", base + 22, date_format(day, day_format))
            found.append(format_html('<text x="{}" y="{}" text-anchor="middle">{}</text>', *words))
    return found


def _draw_squares(values, unit: int, base: int, x: float, step: float) -> SafeString:
    """Draw the squares of a day from the bottom up. The last one of a series is lower if it stands for fewer things.

    The squares of a series are one path, since a chart has more than a thousand of them.
    """
    width = min(MAX_SQUARE, max(2.0, step - min(6.0, step / 3)))
    left = x + (step - width) / 2
    paths, bottom = [], float(base)
    for look, value in values:
        fill = mark_safe(' fill="url(#usage-hatch)"') if look == "hatched" else ""
        squares = []
        for done in range(0, value, unit):
            height = ROW * min(unit, value - done) / unit
            bottom -= height
            squares.append(f"M{left:.1f} {bottom + 2:.1f}h{width:.1f}v{max(1.0, height - GAP):.1f}h-{width:.1f}z")
        if squares:
            paths.append((look, fill, "".join(squares)))
    return format_html_join("", '<path class="usage-{}"{} d="{}"/>', paths)
