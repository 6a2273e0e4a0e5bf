"""A valid body of a story template, and changes of it."""

import copy

BODY = {
    "version": 1,
    "scenes": [
        {"text": "{hero} runs on the hill", "seconds": 4, "transition": "iris"},
        {"text": "The sea at night", "seconds": 3, "line": "Wait for me, {hero}!", "speaker": "Ren"},
    ],
    "cast": [{"name": "{hero}", "words": "a girl in a red coat", "colours": ["#c92c18"]}],
    "style": "watercolour",
    "ratio": "4:3",
    "film": {"title_text": "The race of {hero}", "mood": "tense"},
    "blanks": [{"name": "hero", "label": "Who runs?", "default": "Mio"}],
}


def change(**values):
    return copy.deepcopy(BODY) | values
