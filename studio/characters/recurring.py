"""Find who appears in several scenes of a story without being a character, and keep how they look."""

import uuid
from dataclasses import dataclass
from functools import lru_cache

from django.db import transaction
from django.utils.translation import ngettext

from studio.breakdown.cast import MAX_TEXT, Member, find_cast, mentions
from studio.breakdown.grammar import load_grammar
from studio.characters.services import cast_character, check_limit
from studio.drawing.services import draw_animatics
from studio.models import Character, Scene, Story
from studio.parsing.vocabulary import detect_language

MAX_OFFERS = 3


@dataclass
class Offer:
    """Members of one kind ("two cats") who come back in ``scenes`` and could become characters."""

    key: str
    members: list[Member]
    scenes: list[Scene]

    @property
    def sentence(self) -> str:
        numbers = ", ".join(str(scene.position) for scene in self.scenes)
        who, n = self.members[0].noun or self.members[0].name, len(self.members)
        message = ngettext(
            "“%(who)s” comes back in scenes %(numbers)s: keep how it looks?",
            "%(n)d × “%(who)s” come back in scenes %(numbers)s: keep how they look?",
            n,
        )
        return message % {"who": who, "n": n, "numbers": numbers}

    @property
    def names(self) -> str:
        return ", ".join(member.name for member in self.members)


def find_recurring(story: Story, scenes: list[Scene]) -> list[Offer]:
    """Return at most MAX_OFFERS offers. ``scenes``: those of the story in order, with ``characters`` prefetched."""
    text = ".\n".join(scene.prompt for scene in scenes)[:MAX_TEXT]  # each scene begins a sentence
    members = _find_members(text) if text.strip() else []
    offers: dict[str, Offer] = {}
    for member in members:
        shown = [scene for scene in scenes if mentions(scene.prompt, member)]
        if len(shown) > 1:
            key = member.noun or member.name
            offers.setdefault(key, Offer(key, [], shown)).members.append(member)
    known = list(Character.objects.available_in(story).values_list("name", "description")) if offers else []
    return [offer for offer in offers.values() if not _is_known(offer, known)][:MAX_OFFERS]


@lru_cache(maxsize=500)
def _find_members(text: str) -> list[Member]:
    """Return the characters of a text, which every view of its story asks for."""
    return find_cast(text, load_grammar(detect_language(text))).members


def _is_known(offer: Offer, known) -> bool:
    """Return whether a character has the name or the noun, also one in the trash, so that nothing is offered twice."""
    words = {word.casefold() for member in offer.members for word in (member.name, member.noun) if word}
    return any(
        word == name.casefold() or word in description.casefold() for name, description in known for word in words
    )


@transaction.atomic
def keep_recurring(*, story: Story, by, offer: Offer) -> list[Character]:
    """Add the characters of an offer to the story and its unlocked scenes, and draw these as animatics again."""
    check_limit(story.workspace, story, len(offer.members))
    made = [
        Character.objects.create(
            workspace=story.workspace,
            story=story,
            created_by=by,
            name=member.name,
            kind=member.kind,
            description=member.description,
            colours=member.colours,
        )
        for member in offer.members
    ]
    scenes = [scene for scene in offer.scenes if not scene.is_locked]
    for scene in scenes:
        for character in made:
            cast_character(scene=scene, character=character, by=by, is_in=True)
    ids = [scene.pk for scene in scenes]
    draw_animatics(story=story, by=by, idem_key=f"animate-{uuid.uuid4().hex}", scenes=ids)
    return made
