"""`workspace/didChangeConfiguration`, and every other way in which an editor says how it wants things."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from whetstone_server.features import diagnostics
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_server.session import Session

SECTION = "whetstone"
"""The name our settings stand under in an editor's."""
_CLIENT_ONLY = frozenset({"trace"})
"""Settings of the client's own that stand in our section."""
_log = logging.getLogger(__name__)


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Take over the settings that were sent, or ask for them where the client only says that some have changed.

    Sent settings hold from the next message on: trust that was taken away is gone at once.
    """
    if params.settings:
        take_over(session, wishes_in(params.settings))
        diagnostics.show_again(session)
    else:
        session.soon(ask(session))


async def follow(session: Session) -> None:
    """Ask the client for its settings, and to be told when they change, as far as it can do either."""
    if session.abilities.announces_settings:
        registration = types.Registration(id="settings", method=types.WORKSPACE_DID_CHANGE_CONFIGURATION)
        session.client.client_register_capability(types.RegistrationParams(registrations=[registration]))
    await ask(session)


async def ask(session: Session) -> None:
    """Ask the client for its settings, if it hands them out."""
    if not session.abilities.hands_out_settings:
        return
    item = types.ConfigurationItem(section=SECTION)
    try:
        answers = await session.client.workspace_configuration_async(types.ConfigurationParams(items=[item]))
    except JsonRpcException as error:
        _log.warning("the editor did not hand out its settings: %s", error)
        return
    if answers and answers[0]:
        take_over(session, wishes_in(answers[0]))
        diagnostics.show_again(session)


def take_over(session: Session, wishes: Mapping[str, Any]) -> None:
    """Make the session follow `wishes`; what makes no sense is said and left out."""
    for complaint in session.configure(wishes):
        session.say(f"Whetstone left a setting out: {complaint}", types.MessageType.Warning)


def wishes_in(settings: Any) -> Mapping[str, Any]:
    """Return our settings from what a client sent: our section, or an object that holds it; empty when it has none."""
    if not isinstance(settings, Mapping):
        return {}
    section = settings.get(SECTION, settings)
    if not isinstance(section, Mapping):
        return {}
    return {key: value for key, value in section.items() if key not in _CLIENT_ONLY and value is not None}


FEATURE = Feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION, did_change_configuration)
