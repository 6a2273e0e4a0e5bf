"""A distant town, shared by several places."""

from __future__ import annotations

from ..canvas import Sheet, mix
from ..layers import Layer, Stage
from .built import Block, build_beacons, draw_skyline, mix_steel


def lit_share(stage: Stage) -> float:
    """Return the share of windows that are lit at this time and in this weather."""
    share = {"night": 0.55, "sunset": 0.3, "dawn": 0.12, "day": 0.04}[stage.time]
    return max(share, 0.34 if stage.weather in ("rain", "storm") else share)


def build_far_city(stage: Stage, base: float, tallest: float) -> list[Layer]:
    """Build the skyline: two rows of buildings in haze, with red lights on the masts of the nearer row in the dark."""
    u, light = stage.unit, stage.light
    lit, neon = lit_share(stage), 0.12 if stage.is_dark else 0.0
    far, near = Sheet(stage), Sheet(stage)
    tint = mix(light.far, light.haze, 0.3)
    draw_skyline(
        far,
        stage.place_rng("far city"),
        Block(base, tallest, (2.4 * u, 6 * u), 0.5 * u, lit * 0.7, tint, 0.6),
        base + 4 * u,
    )
    tint = mix(light.far, mix_steel(stage), 0.5)
    block = Block(base + 2 * u, tallest * 0.8, (4 * u, 9.5 * u), 0.62 * u, lit, tint, 0.55, neon)
    masts = draw_skyline(near, stage.place_rng("city"), block, base + 12 * u)
    return [
        far.layer("far city", 0.2),
        near.layer("city", 0.28),
        *build_beacons(stage, masts if stage.is_dark else [], 0.28),
    ]
