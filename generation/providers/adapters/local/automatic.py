"""Choose the style of animatics when the user leaves it to the studio."""

from collections.abc import Iterable, Mapping

from generation.animatic.colour_fit import NO_OPTIONS, is_drawable_in_colour
from generation.animatic.scene import STORYBOARD
from generation.providers.styles import COLOUR

MAX_CHARACTERS = 20_000  # are read in about a second; no text of that length has been wholly drawable in colour


def choose_style(prompts: Iterable[str], options: Mapping = NO_OPTIONS) -> str:
    """Return the colour style if all prompts can be drawn in colour as they are worded, otherwise the storyboard.

    A film has one style, so that no scene of it falls out. More than MAX_CHARACTERS are not read and drawn in pencil.
    """
    prompts = list(prompts)
    if sum(map(len, prompts)) > MAX_CHARACTERS:
        return STORYBOARD
    return COLOUR if all(is_drawable_in_colour(prompt, options) for prompt in prompts) else STORYBOARD
