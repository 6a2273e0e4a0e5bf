"""Register the studio's job kinds, tasks, checks and slots with the apps that it is built on."""

from common.hooks import AppHooks, PersonalData
from jobs import registry
from studio import maintenance, sentences, slots
from studio.director.job_kind import DirectorKind
from studio.drawing.job_kind import RunKind, find_superseded
from studio.films import cards
from studio.films import maintenance as film_maintenance
from studio.films.job_kind import FilmKind, MusicKind
from studio.films.messages import format_numbers
from studio.films.prefetch import PrefetchKind
from studio.scenes.asked import list_asked_scenes
from studio.stories import library
