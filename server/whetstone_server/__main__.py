"""`whetstone-ls`: the language server and nothing else, which is what editors start."""

from __future__ import annotations

import sys

from whetstone_server import cli


def main() -> int:
    """Serve the editor at the other end of standard input and output until it says goodbye."""
    return cli.main(["lsp", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
