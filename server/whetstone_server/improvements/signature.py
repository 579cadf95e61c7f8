"""What is written under a line of JSON so that nobody without the key can change it unseen: Ed25519 (RFC 8032).

The key is made once for all workspaces of a person, and lies beside nothing else that Whetstone keeps. Only this file
knows `cryptography`.
"""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from whetstone_server.errors import InputError
from whetstone_server.folders import sync_folder
from whetstone_server.improvements.disk import write_new

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_BYTES = 32
_MEMBER = b',"signature":"'
_END = b'"}'


class Key:
    """The key in one folder, made when something is first signed with it."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read here."""
        self.file = folder / "history.key"

    @property
    def exists(self) -> bool:
        """Whether there is one yet."""
        return self.file.exists()

    @cached_property
    def public(self) -> str:
        """The public half, in hexadecimal. Raises `InputError` when there is none, as `sealed` and `opened` do."""
        return self._secret.public_key().public_bytes_raw().hex()

    def sealed(self, payload: bytes) -> bytes:
        """Return a JSON object with its signature as a last member."""
        return payload[:-1] + _MEMBER + base64.b64encode(self._secret.sign(payload)) + _END

    def opened(self, line: bytes) -> bytes | None:
        """Return the object without its signature, or `None` when this key has not signed it as it stands."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- only where a history is read

        payload, signature = parted(line)
        try:
            self._secret.public_key().verify(signature, payload)
        except InvalidSignature:
            return None
        return payload

    @cached_property
    def _secret(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- as above

        try:
            secret = self.file.read_bytes()
        except OSError as error:
            raise InputError(
                f"the key that histories are signed with, {self.file}, cannot be read: {error.strerror or error}"
            ) from error
        if len(secret) != SECRET_BYTES:
            raise InputError(f"{self.file} is not the key that histories are signed with; put back what was there")
        return Ed25519PrivateKey.from_private_bytes(secret)

    def make(self) -> None:
        """Make the key where there is none; of several processes that try, one makes it and all use that.

        Raises `InputError` when the folder cannot be written.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            ours = self.file.with_name(f".{secrets.token_hex(8)}.new")
            write_new(ours, os.urandom(SECRET_BYTES))  # any 32 bytes are a key
            try:
                with suppress(FileExistsError):
                    os.link(ours, self.file)
                sync_folder(self.file.parent)
            finally:
                ours.unlink()
        except OSError as error:
            raise InputError(
                f"{self.file.parent} cannot be written ({error.strerror or error}); "
                "set WHETSTONE_HOME to a folder that can"
            ) from error


def parted(line: bytes) -> tuple[bytes, bytes]:
    """Return the object that was signed and the signature, which is empty when there is none."""
    body, _, signature = line.removesuffix(_END).rpartition(_MEMBER)
    with suppress(ValueError):
        return body + b"}", base64.b64decode(signature, validate=True)
    return body + b"}", b""
