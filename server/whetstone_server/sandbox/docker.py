"""The Docker engine: the only file that knows Docker.

The image holds nothing but empty folders and links, written here and imported, so that no registry is ever asked; the
interpreter and the project are this machine's own, mounted read-only.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import socket
import tarfile
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whetstone_server.errors import SandboxError
from whetstone_server.sandbox import seccomp
from whetstone_server.sandbox.resident import ResidentSession, command, environment
from whetstone_server.sandbox.rlimits import NOBODY
from whetstone_server.sandbox.view import INSIDE, Step, View, view_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.sandbox.engine import EngineName, Interpreter, Limits, Session

_LABEL = "whetstone.client"
_IMAGE = "whetstone-sandbox"
_ANSWER_SECONDS = 1.5
_CALL_SECONDS = 60
_SHARED_MEMORY_BYTES = 64 << 20
_INSTALL = "start a Docker engine on this machine or set DOCKER_HOST to its unix socket"


class Docker:
    """Containers of a Docker engine on this machine."""

    name: EngineName = "docker"

    def __init__(self, inside: Path = INSIDE, host: str | None = None) -> None:
        """`inside` is the folder of jobs; `host` an engine's address, found as Docker's own tools do when not given."""
        self._inside = inside
        self._given = host

    def refusal(self) -> str | None:
        """Return why no engine can be used; within two seconds when there is none."""
        if self._host is None:
            return f"no Docker engine answers; {_INSTALL}"
        if not seccomp.supported():
            return "the Docker sandbox needs Linux on x86_64 or aarch64"
        return self._refusal

    @cached_property
    def _host(self) -> str | None:
        return next((host for host in _hosts(self._given) if _answers(host)), None)

    @cached_property
    def _refusal(self) -> str | None:
        from docker.errors import DockerException  # noqa: PLC0415 -- costs a quarter of a second

        try:
            client = self._client(_ANSWER_SECONDS)
            with contextlib.closing(client):
                told = client.info()
        except (DockerException, OSError) as error:
            return f"the Docker engine at {self._host} does not answer ({error}); {_INSTALL}"
        if told.get("OSType") != "linux" or "Desktop" in str(told.get("OperatingSystem")):
            return "Docker Desktop runs in a machine of its own, which does not see these files; use bubblewrap"
        missing = [limit for limit in ("MemoryLimit", "PidsLimit", "CpuCfsQuota") if not told.get(limit)]
        if missing:
            return f"the Docker engine cannot enforce {', '.join(missing)}; give it control groups"
        return None

    def start(self, root: Path, interpreter: Interpreter, limits: Limits) -> Session:
        """Start a container; see `engine.Engine`."""
        from docker.errors import DockerException  # noqa: PLC0415 -- as above

        if self._host is None:
            raise SandboxError(f"no Docker engine answers; {_INSTALL}")
        root = Path(os.path.abspath(root))  # noqa: PTH100 -- the project stays at the place it was named by
        view = view_of(root, interpreter, self._inside, as_owner=False)
        run = command(interpreter.executable, view, self._inside)
        try:
            client = self._client(_CALL_SECONDS)
            _remove_stale(client)
            image = _image(client, view)
            variables = environment(interpreter, view)
            wire = _Wire(client, _create(client, image, view=view, limits=limits, run=run, variables=variables))
        except (DockerException, OSError) as error:
            raise SandboxError(f"the Docker engine could not start the sandbox: {error}") from error
        session = ResidentSession(self.name, wire, limits)
        if session.hello.get("inode") != (self._inside / "serve.py").stat().st_ino:
            session.close()
            raise SandboxError("the Docker engine sees other files than this process; use another sandbox")
        return session

    def _client(self, timeout: float) -> Any:
        from docker import APIClient  # noqa: PLC0415 -- as above

        return APIClient(base_url=self._host, version="auto", timeout=timeout)


def _hosts(given: str | None) -> Iterator[str]:
    """Yield the addresses at which an engine may answer; an address that was set is the only one asked."""
    named = given or os.environ.get("DOCKER_HOST")
    if named:
        yield named
        return
    yield "unix:///var/run/docker.sock"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        yield f"unix://{runtime}/docker.sock"


def _answers(host: str) -> bool:
    """Tell whether an engine answers on this machine; one elsewhere would not see this machine's files."""
    if not host.startswith("unix://"):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_ANSWER_SECONDS)
        try:
            probe.connect(host.removeprefix("unix://"))
            probe.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return probe.recv(64).startswith(b"HTTP/1")
        except OSError:
            return False


def _image(client: Any, view: View) -> str:
    """Return the name of an image of empty folders and this machine's links, imported when the engine lacks it."""
    from docker.errors import ImageNotFound  # noqa: PLC0415 -- as above

    skeleton = _skeleton(view)
    tag = hashlib.sha256(skeleton).hexdigest()[:12]
    try:
        client.inspect_image(f"{_IMAGE}:{tag}")
    except ImageNotFound:
        client.import_image_from_data(skeleton, repository=_IMAGE, tag=tag)
    return f"{_IMAGE}:{tag}"


def _skeleton(view: View) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("dev", "etc", "proc", "sys", "tmp", "usr", "var", "var/tmp"):
            folder = tarfile.TarInfo(name)
            # The engine gives a tmpfs the permissions of the folder that it covers.
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name.endswith("tmp") else 0o755
            tar.addfile(folder)
        for step in view.steps:
            if step.kind == "link":
                link = tarfile.TarInfo(step.place.lstrip("/"))
                link.type, link.linkname, link.mode = tarfile.SYMTYPE, step.source, 0o777
                tar.addfile(link)
    return out.getvalue()


def _create(
    client: Any, image: str, *, view: View, limits: Limits, run: list[str], variables: dict[str, str]
) -> dict[str, Any]:
    profile = json.dumps(seccomp.profile())
    held = client.create_host_config(
        network_mode="none",
        read_only=True,
        mem_limit=limits.memory_bytes,
        memswap_limit=limits.memory_bytes,
        nano_cpus=int(min(limits.cpus, os.cpu_count() or 1) * 1_000_000_000),
        pids_limit=limits.processes,
        shm_size=_SHARED_MEMORY_BYTES,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true", f"seccomp={profile}"],
        ipc_mode="private",
        mounts=[_mount(step) for step in view.steps if step.kind in {"bind", "mute"}],
        tmpfs=dict(_tmpfs(view, limits)),
        auto_remove=True,
        log_config={"Type": "none"},
        init=False,
        ulimits=[{"Name": "core", "Soft": 0, "Hard": 0}],
    )
    made: dict[str, Any] = client.create_container(
        image,
        run,
        host_config=held,
        user=f"{NOBODY}:{NOBODY}",
        working_dir=str(view.root),
        environment=variables,
        hostname="sandbox",
        labels={_LABEL: _this_client()},
        stdin_open=True,
        network_disabled=True,
    )
    return made


def _mount(step: Step) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": step.source or "/dev/null",
        "Target": step.place,
        "ReadOnly": True,
        # What is mounted below a folder would stay writable: engines before 25 make only the top read-only.
        "BindOptions": {"NonRecursive": True, "Propagation": "private"},
    }


def _tmpfs(view: View, limits: Limits) -> Iterator[tuple[str, str]]:
    for step in view.steps:
        if step.kind == "scratch":
            yield step.place, f"rw,nosuid,nodev,exec,size={limits.scratch_bytes},mode=1777"
        elif step.kind == "empty":
            yield step.place, "ro,nosuid,nodev,size=64k,mode=755"


class _Wire:
    """A container and the connection to its first process."""

    def __init__(self, client: Any, made: dict[str, Any]) -> None:
        """Attach and start; the container removes itself when it ends."""
        self._client = client
        self._id: str = made["Id"]
        self._lock = threading.Lock()
        self._over = False
        self._last_words = bytearray()
        self._unread = bytearray()
        try:
            attached = client.attach_socket(
                self._id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
            )
            self._keep_open = attached
            self._socket: socket.socket = attached._sock  # noqa: SLF001 -- the only way to the two-way stream
            self._socket.settimeout(None)
            client.start(self._id)
        except BaseException:
            self._remove()
            raise

    def write(self, data: bytes) -> None:
        """Send all of it."""
        self._socket.sendall(data)

    def read(self) -> bytes:
        """Return what the server said next; what it complained of is kept aside."""
        while True:
            frame = self._frame()
            if frame is None:
                return b""
            stream, body = frame
            if stream == 1 and body:
                return body
            self._last_words += body
            del self._last_words[:-4096]

    def cut(self) -> None:
        """Kill and remove the container, and hang up."""
        with self._lock:
            if self._over:
                return
            self._over = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._remove()

    def release(self) -> None:
        """Close the connections."""
        # The response is closed while its socket is still open: it flushes what it never read.
        self._keep_open._response.close()  # noqa: SLF001 -- kept there by the SDK for as long as the stream
        self._keep_open.close()
        self._socket.close()
        self._client.close()

    def cause(self) -> str:
        """Say why it ended."""
        words = self._last_words.decode(errors="replace").strip()
        return " ".join(words.splitlines()[-3:]) or "the container ended or the Docker engine went away"

    def _remove(self) -> None:
        from docker.errors import DockerException  # noqa: PLC0415 -- as above

        with contextlib.suppress(DockerException, OSError):
            self._client.remove_container(self._id, force=True)

    def _frame(self) -> tuple[int, bytes] | None:
        """Return one piece of the engine's stream: whose it is (1 = output, 2 = errors) and what it says."""
        header = self._exactly(8)
        if header is None:
            return None
        body = self._exactly(int.from_bytes(header[4:], "big"))
        return None if body is None else (header[0], body)

    def _exactly(self, count: int) -> bytes | None:
        while len(self._unread) < count:
            try:
                chunk = self._socket.recv(1 << 18)
            except OSError:
                return None
            if not chunk:
                return None
            self._unread += chunk
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken


def _this_client() -> str:
    """Return what tells this process from every other, also from one that had its number before."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def _started(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return None


def _remove_stale(client: Any) -> None:
    """Remove the containers of clients that ended without removing them."""
    from docker.errors import DockerException  # noqa: PLC0415 -- as above

    for found in client.containers(all=True, filters={"label": _LABEL}):
        host, pid, started = (*str(found["Labels"][_LABEL]).split(" "), "", "", "")[:3]
        if host == socket.gethostname() and pid.isdigit() and _started(int(pid)) != started:
            with contextlib.suppress(DockerException):
                client.remove_container(found["Id"], force=True)
