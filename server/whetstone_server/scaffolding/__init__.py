"""What a template becomes in a project: which files, with what in them, and the writing of them all or none."""

from whetstone_server.scaffolding.described import described
from whetstone_server.scaffolding.order import Order, only_language, ordered, template_named
from whetstone_server.scaffolding.plan import Change, Plan, plan
from whetstone_server.scaffolding.project import Project, find_project, language_of
from whetstone_server.scaffolding.write import write

__all__ = [
    "Change",
    "Order",
    "Plan",
    "Project",
    "described",
    "find_project",
    "language_of",
    "only_language",
    "ordered",
    "plan",
    "template_named",
    "write",
]
