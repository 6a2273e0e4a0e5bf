from generation.models.clip import Clip, ClipFile
from generation.models.picture import Picture

__all__ = ["Clip", "ClipFile", "Picture"]
