from studio.models.character import Character, CharacterPicture, SceneCharacter
from studio.models.direction import Direction
from studio.models.film import Film, FilmSettings, Music
from studio.models.run import Run, Shot
from studio.models.scene import Scene, SceneEdit
from studio.models.story import Story
from studio.models.take import Take

__all__ = [
    "Character",
    "CharacterPicture",
    "Direction",
    "Film",
    "FilmSettings",
    "Music",
    "Run",
    "Scene",
    "SceneCharacter",
    "SceneEdit",
    "Shot",
    "Story",
    "Take",
]
