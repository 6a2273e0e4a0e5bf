"""What the drawing of a place needs to know."""

from dataclasses import dataclass, replace

import numpy as np

from ..panel import Panel


@dataclass(frozen=True, slots=True)
class Setting:
    """A panel with the size of its whole drawing in units. ``rng``: what differs between places of a kind."""

    panel: Panel
    width: float
    height: float
    rng: np.random.Generator

    @property
    def hour(self) -> str:
        return self.panel.hour

    @property
    def weather(self) -> str:
        return self.panel.weather

    @property
    def variant(self) -> str:
        return self.panel.variant

    @property
    def is_snowy(self) -> bool:
        return self.weather == "snow" or self.variant == "snow"

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a point given in parts of the drawing in units."""
        return x * self.width, y * self.height

    def change(self, variant: str | None = None, weather: str | None = None) -> "Setting":
        """Return the setting with another variant or weather."""
        old = self.panel
        panel = replace(
            old,
            variant=old.variant if variant is None else variant,
            weather=old.weather if weather is None else weather,
        )
        return replace(self, panel=panel)
