"""Where a new import goes."""

from __future__ import annotations

import ast

import pytest

from whetstone_codegen.edits import applied
from whetstone_codegen.imports import import_edits
from whetstone_knowledge.rewriting import Import

DEQUE = Import("collections", "deque")
FUNCTION = "def f():\n    pass\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FUNCTION, f"from collections import deque\n\n\n{FUNCTION}"),
        (f"import os\n{FUNCTION}", f"import os\nfrom collections import deque\n{FUNCTION}"),
        (f"from re import sub\n\n{FUNCTION}", f"from collections import deque\nfrom re import sub\n\n{FUNCTION}"),
        (f'"""Page."""\n\n\n{FUNCTION}', f'"""Page."""\n\nfrom collections import deque\n\n\n{FUNCTION}'),
        (f'"""Page."""; import os\n{FUNCTION}', f'"""Page."""; import os\nfrom collections import deque\n{FUNCTION}'),
        (
            f"from __future__ import annotations\n\n{FUNCTION}",
            f"from __future__ import annotations\n\nfrom collections import deque\n\n{FUNCTION}",
        ),
        (f"import numpy\n\n{FUNCTION}", f"import numpy\nfrom collections import deque\n\n{FUNCTION}"),
        (f"import os\nimport numpy\n{FUNCTION}", f"import os\nfrom collections import deque\nimport numpy\n{FUNCTION}"),
        (
            f"#!/usr/bin/env python\n# What it is for.\n{FUNCTION}",
            f"#!/usr/bin/env python\n# What it is for.\nfrom collections import deque\n\n\n{FUNCTION}",
        ),
        (
            f"#!/usr/bin/env python\n\n# About f.\n@cached\n{FUNCTION}",
            f"#!/usr/bin/env python\n\nfrom collections import deque\n\n\n# About f.\n@cached\n{FUNCTION}",
        ),
        (f"\ufeff{FUNCTION}", f"\ufefffrom collections import deque\n\n\n{FUNCTION}"),
        ("import os", "import os\nfrom collections import deque\n"),
        (
            f"if CHECKING:\n    import os\n{FUNCTION}",
            f"from collections import deque\n\n\nif CHECKING:\n    import os\n{FUNCTION}",
        ),
        ("import os\r\nx = 1\r\n", "import os\r\nfrom collections import deque\r\nx = 1\r\n"),
    ],
)
def test_puts_an_import_where_it_belongs(before: str, after: str) -> None:
    edits = import_edits(before.encode(), ast.parse(before.removeprefix("\ufeff")), [DEQUE])
    assert applied(before.encode(), edits).decode() == after


def test_puts_several_imports_in_their_usual_order() -> None:
    source = FUNCTION.encode()
    edits = import_edits(source, ast.parse(source), [DEQUE, Import("itertools"), Import("collections", "Counter")])
    head = applied(source, edits).decode().partition("\n\n")[0]
    assert head == "import itertools\nfrom collections import Counter\nfrom collections import deque"


def test_adds_nothing_when_nothing_is_needed() -> None:
    assert import_edits(b"x = 1\n", ast.parse("x = 1"), []) == ()
