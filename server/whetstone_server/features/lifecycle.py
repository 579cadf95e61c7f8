"""`initialize`, `initialized`, `shutdown` and `exit`: how a session begins and ends."""

from __future__ import annotations

from lsprotocol import types

from whetstone_server.features import client_process, configuration, watched_files
from whetstone_server.features.feature import Feature
from whetstone_server.session import Abilities, Session


def initialize(session: Session, params: types.InitializeParams) -> None:
    """Take note of what the client can do, what it has open and how it wants things."""
    session.abilities = Abilities.of(params.capabilities)
    session.encoding = session.client.workspace.position_encoding or types.PositionEncodingKind.Utf16
    folders = [folder.uri for folder in params.workspace_folders or ()]
    if not folders and params.root_uri:
        folders = [params.root_uri]
    for uri in folders:
        session.add_folder(uri)
    session.initial_wishes = configuration.wishes_in(params.initialization_options)
    configuration.take_over(session, {})


async def initialized(session: Session, _: types.InitializedParams) -> None:
    """Ask for what the client hands out and tells, and end with its process should that vanish."""
    client_process.watch(session)
    session.pulse.start()
    watched_files.watch(session)
    await configuration.follow(session)


def shutdown(session: Session, _: None) -> None:
    """End every sandbox; the answer goes out when they are gone."""
    session.said_goodbye = True
    session.end()


FEATURES = (
    Feature(types.INITIALIZE, initialize),
    Feature(types.INITIALIZED, initialized, long=True),
    Feature(types.SHUTDOWN, shutdown),
)
