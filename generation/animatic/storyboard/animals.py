"""Animals by the kind of their body."""

from .birds import build_bird
from .catalogue import Animal
from .creatures import Creature
from .fishes import build_fish
from .four_legged import build_four_legged
from .small_animals import build_small

BUILDERS = {"legs": build_four_legged, "bird": build_bird, "fish": build_fish, "small": build_small}


def build_animal(animal: Animal, pose: str) -> Creature:
    """Return an animal in a pose: stand, walk, run, sit, lie, fly or swim. Its body is not a picture."""
    return BUILDERS[animal.body](animal, pose)
