"""The family of our errors; each message is one line that says what happened and what to do.

WhetstoneError
├── InputError           a path, an option or a file that cannot be used as given
└── SandboxError         code could not be run in a sandbox
    ├── NoSandbox        no engine on this machine can hold it; says what to install
    └── SandboxDied      the engine or the sandbox went away while it was used
"""

from __future__ import annotations


class WhetstoneError(Exception):
    """Anything Whetstone reports to a person instead of carrying on."""


class InputError(WhetstoneError):
    """A path, an option or a file that cannot be used as given."""


class SandboxError(WhetstoneError):
    """Code could not be run in a sandbox."""


class NoSandbox(SandboxError):  # noqa: N818 -- reads as the sentence it is
    """No engine on this machine can hold untrusted code; the message says what to install."""


class SandboxDied(SandboxError):  # noqa: N818 -- reads as the sentence it is
    """The engine or the sandbox went away while it was used."""
