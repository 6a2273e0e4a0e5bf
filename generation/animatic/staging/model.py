"""What a sentence says about a shot, before anything has a place in the picture."""

from dataclasses import dataclass

SEVERAL = -1  # a plural without a number
RELATIONS = (
    "in",
    "on",
    "under",
    "beside",
    "behind",
    "before",
    "between",
    "through",
    "from",
    "to",
    "opposite",
    "out",
)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something as the sentence names it. ``count``: how many; 0 for nobody, SEVERAL for a bare plural.

    ``words``: its words in the sentence. ``name``: a row of the roles or animals, or a picture of the set; "" if none
    has that name, so that only the note tells it.
    """

    words: str
    name: str = ""
    count: int = 1
    is_actor: bool = False  # somebody who can act: a person or an animal
    size: float = 1.0  # of its usual height: 3 for a giant crab


@dataclass(frozen=True, slots=True)
class Act:
    """One verb of one or more actors. ``pose``: a row of the poses, ``then``: the pose after it, "" if it stays.

    ``object``: what is acted upon; ``tool``: what is used; ``partner``: with or for whom; ``receiver``: to whom.
    """

    actors: tuple[Named, ...]
    words: str = ""  # the verb in the sentence
    pose: str = "stand"
    then: str = ""
    object: Named | None = None
    tool: Named | None = None
    partner: Named | None = None
    receiver: Named | None = None
    is_turn: bool = False  # after "until", "but", "suddenly": something changes


@dataclass(frozen=True, slots=True)
class Spot:
    """A place or thing in relation to which the shot happens. ``relation``: one of RELATIONS."""

    relation: str
    named: Named


@dataclass(frozen=True, slots=True)
class Staging:
    """What one shot shows. ``place``: one of storyboard.panel.PLACES, "" if the sentence names none.

    ``hour``, ``weather`` and ``camera``: of storyboard.panel, "" if not named. ``framing``: close or wide. ``facing``:
    of storyboard.panel.FACINGS. ``details``: acts of relative clauses, such as "who lost her umbrella", which tell more
    about somebody and are not what happens in the shot.
    """

    text: str
    acts: tuple[Act, ...] = ()
    things: tuple[Named, ...] = ()  # named, and in no act and no spot
    spots: tuple[Spot, ...] = ()
    place: str = ""
    variant: str = ""
    hour: str = ""
    weather: str = ""
    camera: str = ""
    unread: tuple[str, ...] = ()  # phrases that only the note tells
    framing: str = ""
    facing: str = ""
    details: tuple[Act, ...] = ()
