"""Profiles that other tools recorded: where a program's time went, and which function of ours that is."""

from whetstone_server.profiles.attribution import Attribution
from whetstone_server.profiles.heat import raised
from whetstone_server.profiles.profile import Frame, Profile
from whetstone_server.profiles.readers import read_profile

__all__ = ["Attribution", "Frame", "Profile", "raised", "read_profile"]
