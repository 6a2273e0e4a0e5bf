"""Weather and particles."""

from ..layers import Part, Stage
from .particles import particle_parts
from .precipitation import falling_rain, falling_snow, fog_banks, lightning, splashes, veiled

__all__ = ["veiled", "weather_parts"]


def weather_parts(stage: Stage) -> list[Part]:
    """Build all effects of the weather and the requested particles, each with its depth in the stack.

    The place must have been composed: weather respects ``stage.horizon`` and stays outside ``stage.weather_depth``.
    """
    parts: list[Part] = []
    if stage.weather == "rain":
        parts += [*falling_rain(stage)]
    elif stage.weather == "storm":
        parts += [lightning(stage), *falling_rain(stage, 1.7)]
    elif stage.weather == "snow":
        parts += [*falling_snow(stage)]
    elif stage.weather == "fog":
        parts += [*fog_banks(stage)]
    if stage.weather in ("rain", "storm") and stage.weather_depth > 1:
        parts.append(splashes(stage, stage.height * 0.86, stage.height * 1.0))
    for part in parts:
        part.depth = min(part.depth, stage.weather_depth)
    asked = tuple(name for name in stage.particles if name != stage.weather)
    return parts + list(particle_parts(stage, asked))
