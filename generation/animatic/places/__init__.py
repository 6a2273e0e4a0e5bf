"""The places. Adding one is a file here with ``compose(stage) -> list[Layer]`` and its name in ``scene.PLACES``."""

from collections.abc import Callable, Sequence
from importlib import import_module

from ..layers import Part, Stage
from ..scene import PLACES

_PLACES: dict[str, Callable[[Stage], Sequence[Part]]] = {
    place: import_module(f".{place}", __name__).compose for place in PLACES
}


def compose(place: str, stage: Stage) -> list[Part]:
    """The layers of a place; sets ``stage.horizon``, ``stage.spots`` and, for rooms, ``stage.weather_depth``."""
    return list(_PLACES[place](stage))
