"""Palettes per time of day and weather: all colours of a shot derive from them."""

from dataclasses import replace

import numpy as np

from .canvas import colour, mix, saturate, shade, to_hex
from .layers import Light

CLEAR_LIGHTS = {
    "dawn": Light(
        sky=["#3f6db8", "#7fa0dc", "#bcbcec", "#f4c9d6", "#ffdcbf", "#fff2d6"],
        cloud=["#8d86bd", "#d3a9c6", "#ffd3c8", "#fff4e0"],
        haze="#ffdccb", far="#a59fcf", mid="#7480b4", near="#3f5278", grass="#648a72", rim="#fff0c4",
        window="#fff0c0", sun="#fff8e4", ambient="#ffe9dc", stars=0.08, dim=0.86, direction=(0.6, 0.05, 0.55),
    ),
    "day": Light(
        sky=["#0f52b8", "#2079de", "#4ba5ef", "#8acff8", "#c2e9fb", "#e9f7fa"],
        cloud=["#7fa6d6", "#b4d2f0", "#f0f7ff", "#ffffff"],
        haze="#cbe8fb", far="#7ba7d3", mid="#4f86a0", near="#2c6650", grass="#56b04a", rim="#dcff9c",
        window="#dff1fb", sun="#fffdf0", ambient="#ffffff", stars=0.0, dim=1.0, direction=(0.55, -0.55, 0.5),
    ),
    "sunset": Light(
        sky=["#1d2b64", "#4b3f8f", "#a04a8f", "#f0736a", "#ffb36b", "#ffe3a6"],
        cloud=["#6b4a86", "#c0628f", "#ff9d84", "#ffe4b8"],
        haze="#ff9a76", far="#7a4f8a", mid="#4a3770", near="#251b42", grass="#3a2a54", rim="#ffb27a",
        window="#ffd98a", sun="#fff0c4", ambient="#ffc7a8", stars=0.3, dim=0.8, direction=(0.55, 0.1, 0.55),
    ),
    "night": Light(
        sky=["#050a26", "#0b1646", "#152a6e", "#234592", "#3d66ae", "#7ba3d0"],
        cloud=["#101a48", "#1f2f70", "#3a529c", "#8fb0e4"],
        haze="#4a6cb8", far="#20356e", mid="#152555", near="#0a1232", grass="#122146", rim="#9cc0ff",
        window="#ffdf96", sun="#eef4ff", ambient="#9fb8ff", stars=1.0, dim=0.58, direction=(0.45, -0.5, 0.6),
    ),
}  # fmt: skip

_SPACE = ["#010208", "#02040e", "#040716", "#070c20", "#0c132c", "#131c3a"]
LUNAR_LIGHTS = {  # the surface of the moon under a black sky; at night the earth lights it
    "dawn": Light(
        sky=_SPACE, cloud=["#8d86bd", "#d3a9c6", "#ffd3c8", "#fff4e0"], haze="#b3959f", far="#957b8c", mid="#635470",
        near="#2c2338", grass="#bfa2a6", rim="#ffe9d2", window="#ffe6b0", sun="#fff4e0", ambient="#ffe6da", stars=0.9,
        dim=0.88, direction=(0.75, -0.12, 0.5),
    ),
    "day": Light(
        sky=_SPACE, cloud=["#7fa6d6", "#b4d2f0", "#f0f7ff", "#ffffff"], haze="#a2a9b8", far="#8d94a5", mid="#5f667a",
        near="#262b3a", grass="#b3b8c4", rim="#ffffff", window="#ffefc8", sun="#ffffff", ambient="#fbfbff", stars=0.85,
        dim=1.0, direction=(0.55, -0.5, 0.55),
    ),
    "sunset": Light(
        sky=_SPACE, cloud=["#6b4a86", "#c0628f", "#ff9d84", "#ffe4b8"], haze="#a9787a", far="#8d6270", mid="#563f5c",
        near="#241a36", grass="#a97666", rim="#ffc48e", window="#ffd98a", sun="#ffe2b4", ambient="#ffcfae", stars=1.0,
        dim=0.8, direction=(0.8, -0.02, 0.45),
    ),
    "night": Light(
        sky=_SPACE, cloud=["#101a48", "#1f2f70", "#3a529c", "#8fb0e4"], haze="#40548c", far="#33457a", mid="#223060",
        near="#0c1432", grass="#4a5f9a", rim="#a8c8ff", window="#ffdf96", sun="#eef4ff", ambient="#a6bcff", stars=1.0,
        dim=0.6, direction=(0.45, -0.5, 0.6),
    ),
}  # fmt: skip

# Bad weather mixes the palette with the grey of the time of day and reduces saturation and brightness.
_GREY = {"dawn": "#a9a8bc", "day": "#9fb0c2", "sunset": "#7d6680", "night": "#1d2850"}
_FOG_AT_NIGHT = "#6878a4"  # brightened by lamps and moon
_WEATHER = {  # share of grey, remaining saturation, brightness
    "rain": (0.62, 0.72, 0.80),
    "snow": (0.50, 0.62, 1.02),
    "fog": (0.58, 0.60, 1.0),
    "storm": (0.78, 0.66, 0.62),
}


def light_for(time: str, weather: str, place: str = "") -> Light:
    """Return the palette of a time of day in a weather (values of ``scene.TIMES`` and ``scene.WEATHERS``).

    The moon has its own palettes and no weather.
    """
    if place == "moon":
        return LUNAR_LIGHTS[time]
    light = CLEAR_LIGHTS[time]
    if weather == "clear":
        return light
    pull, kept, bright = _WEATHER[weather]
    if time == "night":
        bright = 0.5 + bright / 2
    grey = shade(_GREY[time], 1.12 if weather in ("snow", "fog") else 1.0)
    if (time, weather) == ("night", "fog"):
        grey = shade(_FOG_AT_NIGHT, 1.0)

    def dull(value: str, share: float = 1.0) -> str:
        toned = saturate(mix(value, grey, pull * share), kept + (1 - kept) * (1 - share))
        return to_hex(shade(toned, 1 + (bright - 1) * (0.4 + 0.6 * share)))

    sky = [dull(c, 1 - 0.25 * i / 5) for i, c in enumerate(light.sky)]
    ground = _cover_with_snow(light, time) if weather == "snow" else light
    return replace(
        light,
        sky=sky,
        cloud=[dull(c, 0.85) for c in light.cloud],
        haze=dull(light.haze, 0.8),
        far=dull(ground.far, 0.7),
        mid=dull(ground.mid, 0.55),
        near=dull(ground.near, 0.4),
        grass=dull(ground.grass, 0.45 if weather != "snow" else 0.1),
        rim=dull(light.rim, 0.7),
        ambient=to_hex(mix(light.ambient, dull(light.ambient, 0.8), 0.7)),
        sun=dull(light.sun, 0.5),
        stars=0.0 if weather != "snow" else light.stars * 0.3,
        dim=light.dim * {"rain": 0.88, "storm": 0.8, "fog": 0.96, "snow": 0.98}[weather],
    )


def _cover_with_snow(light: Light, time: str) -> Light:
    """Return the palette with snow-covered ground, lit by the sky."""
    white = {"dawn": "#f0e6f0", "day": "#eaf3fb", "sunset": "#d9a9b4", "night": "#5b76b4"}[time]
    return replace(
        light,
        far=to_hex(mix(light.far, white, 0.35)),
        mid=to_hex(mix(light.mid, white, 0.3)),
        grass=white,
    )


def apply_light(value: str, light: Light, k: float = 1.0) -> np.ndarray:
    """Return a colour (``#rrggbb``) as it appears in this light: float BGR. ``k`` scales its brightness."""
    return shade(colour(value) * colour(light.ambient), light.dim * k)


def is_disc_visible(weather: str) -> bool:
    """Return whether the disc of the sun or moon is visible in a weather."""
    return weather in ("clear", "snow", "fog")
