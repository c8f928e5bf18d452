"""Who owns it, what must be done, what was said last time."""

from kpitools.governance.actions import STATUSES, read_actions
from kpitools.governance.agenda import Agenda, AgendaItem, AgendaWarning, build_agenda
from kpitools.governance.due import DueRule, due_date, parse_due
from kpitools.governance.forums import CADENCES, Forum, build_forum
from kpitools.governance.review import review_actions
from kpitools.governance.roles import RoleFinding, check_roles, roles_of

__all__ = [
    "CADENCES",
    "STATUSES",
    "Agenda",
    "AgendaItem",
    "AgendaWarning",
    "DueRule",
    "Forum",
    "RoleFinding",
    "build_agenda",
    "build_forum",
    "check_roles",
    "due_date",
    "parse_due",
    "read_actions",
    "review_actions",
    "roles_of",
]
