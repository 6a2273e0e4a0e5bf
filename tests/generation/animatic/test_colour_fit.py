"""Which prompts are drawn in colour as they are worded, and which are truer as a pencil panel."""

import pytest

from generation.animatic.colour_fit import find_undrawn, is_drawable_in_colour

IN_COLOUR = [
    "A girl on a hill at sunset, cherry petals in the wind",
    "two cats run a ramen shop on the moon",
    "a boy walks through the forest in the rain",
    "a woman waits on the platform at night",
    "a cat",
    "children dance on the beach",
    "一个女孩站在山坡上",
    "a girl holds an umbrella on the street in the rain",
    "女孩撑着伞走在雨中的街道上",
    "a girl stands on a hill under the stars",
    "a girl smiles on the beach",
    "少女が笑う",
    "fireflies float in the forest at night",
    "a boy looks at the sky on the rooftop",
]
IN_PENCIL = {  # prompt → words whose colour picture is missing or shows something else
    "a hedgehog runs a tiny umbrella shop": "shop",
    "a librarian reads in the library": "library",
    "a boat on the river": "river",
    "a knight stands in front of a castle": "a knight",
    "a mermaid sits by the sea": "a mermaid",
    "a girl gives her mother a letter": "gives",
    "an owl sits in a tree": "tree",
    "a cat sits under a table": "a table",
    "a girl sits in her room under the stars": "the stars",
    "a girl holds a hedgehog": "holds",
    "a boy sleeps in his room": "sleeps",
    "a girl drinks tea": "drinks",
    "a whale floats over the city": "floats",
    "a boy walks on the beach until he falls": "falls",
}


@pytest.mark.parametrize("prompt", IN_COLOUR)
def test_what_is_drawn_as_worded_is_in_colour(prompt):
    assert find_undrawn(prompt) == []


@pytest.mark.parametrize(("prompt", "words"), IN_PENCIL.items())
def test_what_colour_would_guess_is_in_pencil(prompt, words):
    assert words in find_undrawn(prompt)
    assert not is_drawable_in_colour(prompt)


def test_the_cast_of_a_story_is_known_by_name():
    cast = {"cast": [{"name": "Zork", "kind": "person", "description": "a girl with short hair"}]}

    assert is_drawable_in_colour("Zork walks on the beach", cast)


@pytest.mark.parametrize("text", ["", "…", "🦔", "x" * 5000, "cat " * 1000, "مرحبا", "\x00"])
def test_any_text_has_an_answer(text):
    assert find_undrawn(text) is not None
