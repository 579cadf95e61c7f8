r"""What the triggers of rules are made of: regular expressions over the UTF-8 of a text nobody has parsed yet.

They may see a match where there is none, which costs a parse; what they miss is never found. An alternative that
begins with a letter is looked for several times as fast as one that begins with a class or with `\b`.
"""

from __future__ import annotations

GAP = r"(?:[\s\\]|#[^\n]*)*+"
"""What may stand between two words of an expression."""
NAME = r"[\w\x80-\xff]++"
"""An identifier."""

SEARCHED = (
    # A documentation string, a line of comment, and the `in` of a loop or comprehension are passed over.
    r":[ \t]*(?:#[^\n]*)?\r?\n\s*[rRuU]?"
    r'(?:"""(?:[^"\\]|\\.|"(?!""))*"""' + r"|'''(?:[^'\\]|\\.|'(?!''))*''')"
    r"|\n[ \t]*#[^\n\"']*(?=\n)"
    r"|for(?<![\w\x80-\xff]for)\b[\w ,()*.\[\]]*?\bin\b"
    rf"|in(?<![\w\x80-\xff]in)\b{GAP}({NAME})(?![ \t]*[.(\[+*/%&|^@-])"
)
"""A comparison that ends in `in` and a plain name."""
