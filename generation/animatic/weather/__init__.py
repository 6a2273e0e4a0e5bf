"""Weather and particles."""

from ..layers import Part, Stage
from .particles import build_particles
from .precipitation import add_haze, build_fog_banks, build_lightning, build_rain, build_snow, build_splashes

__all__ = ["add_haze", "build_weather"]


def build_weather(stage: Stage) -> list[Part]:
    """Build the effects of the weather and of the requested particles.

    Compose the place first: fog lies at ``stage.horizon``, and weather comes no nearer than ``stage.weather_depth``,
    which is the window of a room.
    """
    parts: list[Part] = []
    if stage.weather == "rain":
        parts += [*build_rain(stage)]
    elif stage.weather == "storm":
        parts += [build_lightning(stage), *build_rain(stage, 1.7)]
    elif stage.weather == "snow":
        parts += [*build_snow(stage)]
    elif stage.weather == "fog":
        parts += [*build_fog_banks(stage)]
    if stage.weather in ("rain", "storm") and stage.weather_depth > 1:
        parts.append(build_splashes(stage, stage.height * 0.86, stage.height * 1.0))
    for part in parts:
        part.depth = min(part.depth, stage.weather_depth)
    requested = tuple(name for name in stage.particles if name != stage.weather)
    return parts + list(build_particles(stage, requested))
