"""What GroupCamp accepts in paths, queries and bodies, and how it writes days and moments."""

from understudy.vendors.groupcamp.schemas.bodies import (
    OrgaBody,
    ProjectBody,
    Template,
    read_new_project,
    read_orga,
    read_project,
)
from understudy.vendors.groupcamp.schemas.moments import date_text, day_of, moment_text
from understudy.vendors.groupcamp.schemas.paths import path_id, path_user
from understudy.vendors.groupcamp.schemas.queries import (
    DATE,
    Readers,
    Several,
    an_id,
    any_text,
    day,
    first_instant,
    kinds_of_group,
    last_instant,
    one_of,
    read_query,
    switch,
    text,
)

__all__ = [
    "DATE",
    "OrgaBody",
    "ProjectBody",
    "Readers",
    "Several",
    "Template",
    "an_id",
    "any_text",
    "date_text",
    "day",
    "day_of",
    "first_instant",
    "kinds_of_group",
    "last_instant",
    "moment_text",
    "one_of",
    "path_id",
    "path_user",
    "read_new_project",
    "read_orga",
    "read_project",
    "read_query",
    "switch",
    "text",
]
