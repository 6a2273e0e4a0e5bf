"""Rain, snow, wind, sand and fog: other lines in every version of a drawing, so that they move."""

import numpy as np

from .lines import GRAPHITE, RED, Point, Sketch, Stroke, curve, loop, poly
from .panel import Panel
from .paper import VERSIONS

SHELTERED = ("room", "shop", "corridor", "vehicle", "stage", "arena", "underwater", "space")


class Weather:
    """Adds the lines of one version."""

    def __init__(self, sketch: Sketch, width: float, height: float, version: int, seed: int) -> None:
        self.sketch, self.width, self.height, self.version = sketch, width, height, version
        self.rng = np.random.default_rng([seed, 40 + version])
        self.area = width / (height * 1.6)  # against a picture of 16 to 10

    def add(self, points: list[Point], width: float, dark: float, plane: str = GRAPHITE) -> None:
        self.sketch.strokes.append(Stroke(curve(points, step=16), width, dark, plane, self.version, is_free=True))

    def draw_rain(self) -> None:
        for _ in range(int(150 * self.area)):
            x, y = self.rng.uniform(0, self.width * 1.1), self.rng.uniform(-40, self.height)
            long, dark = self.rng.uniform(50, 150), self.rng.uniform(0.3, 0.6)
            ends = np.array([(x, y), (x - long * 0.28, y + long)], np.float32)
            self.sketch.strokes.append(Stroke(ends, 3.4, dark, GRAPHITE, self.version, is_free=True))

    def draw_snow(self) -> None:
        for _ in range(int(110 * self.area)):
            x, y, r = self.rng.uniform(0, self.width), self.rng.uniform(0, self.height), self.rng.uniform(4, 11)
            self.sketch.strokes.append(Stroke(loop(x, y, r, r), 3.2, 0.6, GRAPHITE, self.version, is_free=True))

    def draw_wind(self, count: int = 16) -> None:
        for _ in range(int(count * self.area)):
            x, y = self.rng.uniform(-100, self.width), self.height * self.rng.uniform(0.1, 1) ** 0.8
            long = self.rng.uniform(120, 420)
            gust = [(x, y), (x + long * 0.4, y - 14), (x + long * 0.8, y + 8), (x + long, y - 4)]
            self.add(gust, 3.2, self.rng.uniform(0.3, 0.6), RED if self.rng.uniform() < 0.22 else GRAPHITE)

    def draw_sand(self) -> None:
        self.draw_wind(90)
        for _ in range(int(130 * self.area)):
            x, y = self.rng.uniform(0, self.width), self.height * self.rng.uniform(0.3, 1)
            grain = np.array([(x, y), (x + 13, y)], np.float32)
            self.sketch.strokes.append(Stroke(grain, 4.5, 0.7, GRAPHITE, self.version, is_free=True))

    def draw_fog(self) -> None:
        for _ in range(int(24 * self.area)):
            x, y = self.rng.uniform(-200, self.width), self.height * self.rng.uniform(0.3, 0.95)
            long = self.rng.uniform(240, 620)
            self.add([(x, y), (x + long * 0.5, y - 12), (x + long, y + 4)], 4, 0.22)


def draw_weather(panel: Panel, width: float, height: float, seed: int, versions: int = VERSIONS) -> list[Sketch]:
    """Return the weather in front of everything; none under a roof."""
    if panel.place in SHELTERED or not panel.weather:
        return []
    sketch = Sketch(start=0.78, end=0.95)
    for version in range(versions):
        lines = Weather(sketch, width, height, version, seed)
        ways = {"rain": lines.draw_rain, "storm": lines.draw_rain, "snow": lines.draw_snow}
        ways |= {"wind": lines.draw_wind, "sand": lines.draw_sand, "fog": lines.draw_fog}
        ways[panel.weather]()
    if panel.weather == "storm":
        x, h = width * 0.7, height
        flash = [
            (x, 0),
            (x - 60, h * 0.16),
            (x + 10, h * 0.17),
            (x - 70, h * 0.38),
            (x - 40, h * 0.24),
            (x - 110, h * 0.23),
        ]
        sketch.strokes.append(Stroke(poly([*flash, (x - 40, 0)]), 5, 0.9, RED, is_free=True))
    return [sketch]
