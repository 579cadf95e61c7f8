"""`python -m whetstone_server.cli`: the command line, without an installed script."""

from __future__ import annotations

import sys

from whetstone_server.cli import main

if __name__ == "__main__":
    sys.exit(main())
