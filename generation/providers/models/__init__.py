"""Models about providers: connections, changes by administrators, callbacks and workflows."""

from generation.providers.models.connection import Connection, ConnectionKey
from generation.providers.models.override import ProviderOverride
from generation.providers.models.provider_model import ProviderModel
from generation.providers.models.webhook_event import WebhookEvent
from generation.providers.models.workflow import Workflow

__all__ = ["Connection", "ConnectionKey", "ProviderModel", "ProviderOverride", "WebhookEvent", "Workflow"]
