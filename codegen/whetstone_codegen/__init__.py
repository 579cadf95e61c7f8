"""What is written: the rewrite of one finding, and the edits that make it."""

from whetstone_codegen.edits import Edit, applied
from whetstone_codegen.rewrite import Rewrite, rewritten

__all__ = ["Edit", "Rewrite", "applied", "rewritten"]
