"""`workspace/executeCommand`: one file per command, each of which takes one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_server.errors import InputError
from whetstone_server.features import applied, apply, dismiss, doctor, new, prove, rollback, show_history, why
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_server.session import Session

COMMANDS = {
    prove.COMMAND: prove.prove,
    apply.COMMAND: apply.apply,
    applied.COMMAND: applied.applied,
    rollback.COMMAND: rollback.rollback,
    dismiss.COMMAND: dismiss.dismiss,
    show_history.COMMAND: show_history.show_history,
    why.COMMAND: why.why,
    new.COMMAND: new.new,
    doctor.COMMAND: doctor.doctor,
}


async def execute_command(session: Session, params: types.ExecuteCommandParams) -> Any:
    """Carry a command out; raises `InputError` for one that is unknown or comes without its object."""
    command = COMMANDS.get(params.command)
    if command is None:
        raise InputError(f"{params.command} is not a command of Whetstone's; there are: {', '.join(COMMANDS)}")
    arguments = params.arguments or ()
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise InputError(f"{params.command} takes one object, such as {{uri, range}}")
    return await command(session, arguments[0], params.work_done_token)


FEATURE = Feature(
    types.WORKSPACE_EXECUTE_COMMAND, execute_command, types.ExecuteCommandOptions(commands=list(COMMANDS)), long=True
)
