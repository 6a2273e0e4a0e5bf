"""Colour arithmetic for drawings: ``#rrggbb`` in, BGR values from 0 to 255 out."""

import colorsys

Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 255."""


def bgr(text: str) -> Colour:
    """Convert ``#rrggbb`` to blue, green, red."""
    return float(int(text[5:7], 16)), float(int(text[3:5], 16)), float(int(text[1:3], 16))


def to_hex(colour: Colour) -> str:
    """Convert blue, green, red to ``#rrggbb``."""
    b, g, r = (min(255, max(0, round(v))) for v in colour)
    return f"#{r:02x}{g:02x}{b:02x}"


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Blend two colours: ``share`` 0 gives ``a``, 1 gives ``b``."""
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def times(colour: Colour, factor: float) -> Colour:
    """Multiply a colour by ``factor``, clipped to 255."""
    return tuple(min(255.0, v * factor) for v in colour)  # type: ignore[return-value]


def luma(colour: Colour) -> float:
    """Return the perceived lightness of a colour, 0 to 255."""
    b, g, r = colour
    return 0.114 * b + 0.587 * g + 0.299 * r


def hls(colour: Colour, hue: float = 0.0, light: float = 1.0, saturation: float = 1.0) -> Colour:
    """Turn the hue by ``hue`` (fraction of a full circle) and scale lightness and saturation."""
    b, g, r = colour
    h, lightness, s = colorsys.rgb_to_hls(r / 255, g / 255, b / 255)
    r, g, b = colorsys.hls_to_rgb((h + hue) % 1, min(1.0, lightness * light), min(1.0, s * saturation))
    return b * 255, g * 255, r * 255


def shadow(colour: Colour, depth: float = 1.0) -> Colour:
    """Return the cel shadow of a colour: darker, slightly cooler and more saturated.

    ``depth`` 0 leaves the colour unchanged, 1 gives the normal shadow, more a deeper one.
    """
    b, g, r = colour
    cool = hls((b * 0.89, g * 0.765, r * 0.765), saturation=1.12)
    return mix(colour, cool, depth)


def glow(colour: Colour) -> Colour:
    """Return the lit tone of a colour: lighter and slightly warmer."""
    return mix(hls(colour, light=1.22), (235.0, 248.0, 255.0), 0.18)
