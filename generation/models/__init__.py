from generation.models import deleted_sources  # noqa: F401 - listens
from generation.models.clip import EFFECTS, Clip, ClipFile, ClipReference, FileValues, load_files
from generation.models.collection import Collection, CollectionClip
from generation.models.library import Favourite, SavedSearch
from generation.models.picture import Picture
from generation.models.price_cap import PriceCap
from generation.models.prompt import PromptRewrite, PromptStar, PromptTemplate, StyleWords
from generation.models.task_tombstone import TaskTombstone
from generation.models.video import Video
from generation.providers import models as provider_models  # noqa: F401 - Django finds an app's models from here

__all__ = [
    "EFFECTS",
    "Clip",
    "ClipFile",
    "ClipReference",
    "Collection",
    "CollectionClip",
    "Favourite",
    "FileValues",
    "Picture",
    "PriceCap",
    "PromptRewrite",
    "PromptStar",
    "PromptTemplate",
    "SavedSearch",
    "StyleWords",
    "TaskTombstone",
    "Video",
    "load_files",
]
