"""Split an idea into the shots of a film: its own clauses, in the order in which they happen."""

from dataclasses import dataclass, field, replace

from .building import build_staging
from .draft import Event, Phrase
from .model import Act, Named, Staging
from .names import find_name
from .places import find_place
from .reading import read_draft
from .sentences import cut_clause, write_close, write_opening
from .tables import invert

MOST, WANTED = 4, 3  # shots of an idea
MOST_EVENTS = 2  # that share a shot


@dataclass(slots=True)
class Shot:
    events: list[Event] = field(default_factory=list)

    @property
    def is_turn(self) -> bool:
        return any(event.turn for event in self.events)


def split_scenes(idea: str, language: str | None = None) -> list[Staging]:
    """Return one to four shots of an idea. The text of each is a clause of it; what comes later is in none before."""
    plain = " ".join(idea.split())
    draft, language = read_draft(plain, language)
    shots = _join_shots(_group_events(_order_events(draft.events, language)))
    if not shots:
        return [build_staging(plain, draft.events, draft.unread, language)]
    stagings = [_build_shot(plain, shot, draft.events, draft.unread, language) for shot in shots]
    stagings = _pass_on(stagings)
    return _add_shots(shots, stagings, language)


def _order_events(events: list[Event], language: str) -> list[Event]:
    """Return the events that happen, without relative clauses: a condition before what it leads to, "until" last."""
    kinds = invert(language, "turns")
    ordered: list[Event] = []
    late: list[Event] = []
    is_late = False
    for event in events:
        kind = kinds.get(event.turn, "")
        if event.is_detail:
            continue
        is_late = kind == "last" or (event.is_bound and is_late)
        if is_late:
            late.append(event)
        elif kind == "first" and ordered and ordered[-1].verb:
            ordered.insert(len(ordered) - 1, event)
        else:
            ordered.append(event)
    return ordered + late


def _group_events(events: list[Event]) -> list[Shot]:
    """Return the shots: the same actors share one, a new actor or a turn opens the next."""
    shots: list[Shot] = []
    for event in events:
        if shots and _shares_shot(shots[-1], event):
            shots[-1].events.append(event)
        else:
            shots.append(Shot([event]))
    return shots


def _shares_shot(shot: Shot, event: Event) -> bool:
    last = shot.events[-1]
    if event.is_bound or not last.verb:
        return True
    if event.turn or last.turn or not event.verb:
        return not event.verb and not event.turn
    is_same = [actor.head for actor in event.actors] == [actor.head for actor in last.actors]
    return is_same and sum(not one.is_bound for one in shot.events) < MOST_EVENTS


def _join_shots(shots: list[Shot]) -> list[Shot]:
    """Join neighbours until there are at most four, those without a turn between them and with few events first."""
    while len(shots) > MOST:
        pairs = range(len(shots) - 1)
        at = min(pairs, key=lambda n: (shots[n + 1].is_turn, len(shots[n].events) + len(shots[n + 1].events)))
        shots[at : at + 2] = [Shot(shots[at].events + shots[at + 1].events)]
    return shots


def _build_shot(text: str, shot: Shot, events: list[Event], unread: list[str], language: str) -> Staging:
    clause = cut_clause(text, shot.events, events, language)
    spans = [_find_span(event, events, len(text)) for event in shot.events]
    details = [one for one in events if one.is_detail and any(start <= one.start < end for start, end in spans)]
    kept = [words for words in unread if words in clause]
    return build_staging(clause, [*details, *shot.events], kept, language)


def _find_span(event: Event, events: list[Event], end: int) -> tuple[int, int]:
    """Return where the clause of an event begins and ends."""
    return event.start, min((one.start for one in events if not one.is_detail and one.start > event.start), default=end)


def _pass_on(stagings: list[Staging]) -> list[Staging]:
    """Give each shot the place, the hour and the weather of the one before, if it names none."""
    passed = stagings[:1]
    for staging in stagings[1:]:
        last = passed[-1]
        place, variant = (staging.place, staging.variant) if staging.place else (last.place, last.variant)
        passed.append(
            replace(
                staging,
                place=place,
                variant=variant,
                hour=staging.hour or last.hour,
                weather=staging.weather or last.weather,
            )
        )
    return passed


def _add_shots(shots: list[Shot], stagings: list[Staging], language: str) -> list[Staging]:
    """Add who and where in front of a short idea, and behind it what its last shot is about, from near."""
    if len(stagings) < WANTED and (opening := _build_opening(shots[0], stagings[0], language)):
        stagings = [opening, *stagings]
    if len(stagings) < WANTED and (close := _build_close(shots[-1], stagings[-1], language)):
        stagings = [*stagings, close]
    return stagings


def _build_opening(shot: Shot, first: Staging, language: str) -> Staging | None:
    """Return a shot of who is where, before anything is done; None if the idea does not say both."""
    event = shot.events[0]
    place = next((phrase for _, phrase in event.spots if find_place(phrase, language)), None)
    actors = first.acts[0].actors if first.acts else ()
    if not event.verb or event.is_passive or place is None or not all(actor.count for actor in actors) or not actors:
        return None
    spots = tuple(spot for spot in first.spots if spot.named.words == place.words)
    return replace(
        first,
        text=write_opening(event, place, language),
        acts=(Act(actors),),
        things=(),
        spots=spots,
        unread=(),
        details=(),
        weather="" if any(event.turn for event in shot.events) else first.weather,
        framing="wide",
    )


def _build_close(shot: Shot, last: Staging, language: str) -> Staging | None:
    """Return a shot of the thing that the last act is about, or of who acts at the turn, from near."""
    event = shot.events[-1]
    phrase = _choose_close(event, language)
    if phrase is None:
        return None
    name = find_name(phrase.full, language)
    named = Named(phrase.words, name.name, phrase.count, name.is_actor)
    return replace(
        last,
        text=write_close(phrase, language),
        acts=(Act((named,)),) if name.is_actor else (),
        things=() if name.is_actor else (named,),
        spots=(),
        unread=(),
        details=(),
        framing="close",
    )


def _choose_close(event: Event, language: str) -> Phrase | None:
    phrases = [phrase for phrase in event.list_phrases() if phrase.count and find_name(phrase.full, language).name]
    if phrases:
        return phrases[0]
    actors = [phrase for phrase in event.actors if phrase.count and find_name(phrase.full, language).name]
    return actors[0] if actors and event.turn else None
