from generation.models import beginnings  # noqa: F401 - listens
from generation.models.clip import EFFECTS, Clip, ClipFile, ClipReference
from generation.models.connection import Connection, ConnectionKey
from generation.models.gone import GoneTask
from generation.models.picture import Picture
from generation.models.provider_manners import ProviderManners
from generation.models.provider_model import ProviderModel
from generation.models.video import Video
from generation.models.webhook import WebhookEvent
from generation.models.workflow import Workflow

__all__ = [
    "EFFECTS",
    "Clip",
    "ClipFile",
    "ClipReference",
    "Connection",
    "ConnectionKey",
    "GoneTask",
    "Picture",
    "ProviderManners",
    "ProviderModel",
    "Video",
    "WebhookEvent",
    "Workflow",
]
