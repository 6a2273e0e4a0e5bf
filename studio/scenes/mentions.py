"""Find @mentions in the text of a scene, and add the mentioned characters to the scene."""

import re

from studio.models import Character, SceneCharacter

# An @ after a Latin letter is part of an email address. Chinese and Japanese put no space before a mention.
MENTION = re.compile(r"(?<![A-Za-z0-9_.])@(?=\w)")


def find_mentions(text: str, names) -> set[str]:
    """Return which of ``names`` the text mentions. If several names match a mention, the longest one counts."""
    wanted = sorted({name for name in names if name}, key=len, reverse=True)
    found = set()
    for match in MENTION.finditer(text):
        rest = text[match.end() :].casefold()  # folded after slicing, since folding turns ß into two letters
        if name := next((name for name in wanted if _starts_with_name(rest, name.casefold())), None):
            found.add(name)
    return found


def _starts_with_name(text: str, name: str) -> bool:
    """Return whether the text starts with the name. A Latin name must be a whole word; other names need no space."""
    if not text.startswith(name):
        return False
    after = text[len(name) : len(name) + 1]
    return not (name[-1].isascii() and after.isascii() and (after.isalnum() or after == "_"))


def update_cast(scene, before: str = "") -> None:
    """Add characters that the scene's text mentions, and remove those that only its text ``before`` mentioned."""
    if "@" not in scene.prompt and "@" not in before:
        return
    characters = list(Character.objects.available_in(scene.story).shown().order_by("story_id", "created_at"))
    names = [character.name for character in characters]
    now, earlier = find_mentions(scene.prompt, names), find_mentions(before, names)
    by_name = {character.name: character for character in reversed(characters)}
    added = [SceneCharacter(scene=scene, character=by_name[name]) for name in now]
    SceneCharacter.objects.bulk_create(added, ignore_conflicts=True)
    removed = [character.pk for character in characters if character.name in earlier - now]
    SceneCharacter.objects.filter(scene=scene, character__in=removed).delete()


def strip_mentions(text: str) -> str:
    """Return the text without the @ of its mentions: "Mika waits" for "@Mika waits"."""
    return MENTION.sub("", text)
