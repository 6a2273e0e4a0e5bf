"""Places of a scene.

To add a place, write a module with ``compose(stage) -> list[Layer]`` and add its name to ``scene.PLACES``.
"""

from collections.abc import Callable, Sequence
from importlib import import_module

from ..layers import Part, Stage
from ..scene import PLACES

_PLACES: dict[str, Callable[[Stage], Sequence[Part]]] = {
    place: import_module(f".{place}", __name__).compose for place in PLACES
}


def build_place(place: str, stage: Stage) -> list[Part]:
    """Return the layers of a place.

    Sets fields of the stage, such as ``horizon`` and ``spots``, and for rooms ``weather_depth``.
    """
    return list(_PLACES[place](stage))
