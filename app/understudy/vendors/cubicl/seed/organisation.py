"""What has been planted so far, for what refers to it."""

from dataclasses import dataclass, field
from typing import Any

from understudy.vendors.cubicl import tables
from understudy.vendors.cubicl.rules.projects import State


@dataclass
class PlantedProject:
    """What tasks of a project draw from."""

    id: str
    members: list[str]
    states: list[State]
    tags: list[str]
    tasks: int


@dataclass
class Organisation:
    """Everything that tasks refer to, by id; `users` by the key of the person."""

    users: dict[str, str] = field(default_factory=dict)
    projects: list[PlantedProject] = field(default_factory=list)
    clients: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, name and a portal user of each."""
    files: list[dict[str, Any]] = field(default_factory=list)
    workflows: list[tables.Workflow] = field(default_factory=list)
