"""How the server itself fares: counted while it works, summed up window by window."""

from whetstone_server.vitals.meter import Meter, Window
from whetstone_server.vitals.recent import Recent

__all__ = ["Meter", "Recent", "Window"]
