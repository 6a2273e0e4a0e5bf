"""The places. Adding one is a file with ``compose(stage) -> list[Layer]`` and a line here."""

from collections.abc import Callable, Sequence

from ..layers import Part, Stage
from . import city, classroom, forest, hill, platform, rooftop, room, school, sea, shrine, snowfield, street

_PLACES: dict[str, Callable[[Stage], Sequence[Part]]] = {
    "hill": hill.compose,
    "sea": sea.compose,
    "city": city.compose,
    "rooftop": rooftop.compose,
    "street": street.compose,
    "forest": forest.compose,
    "shrine": shrine.compose,
    "snowfield": snowfield.compose,
    "school": school.compose,
    "classroom": classroom.compose,
    "platform": platform.compose,
    "room": room.compose,
}


def compose(place: str, stage: Stage) -> list[Part]:
    """The layers of a place; sets ``stage.horizon``, ``stage.spots`` and, for rooms, ``stage.outside``."""
    return list(_PLACES[place](stage))
