"""The fields of a saved filter of tasks."""

from collections.abc import Mapping
from typing import Any

from understudy.vendors.cotalker.schemas.bodies import flag
from understudy.vendors.cotalker.schemas.shapes import array, fields_of, filled_text, known, mapping
from understudy.vendors.cotalker.schemas.tasks import GROUPINGS, SEARCHABLE, task_query
from understudy.vendors.cotalker.schemas.values import Check, one_of

grouping = one_of(*GROUPINGS, by="cotalker.search.groupings")
"""Reads the name of a field by which tasks can be grouped."""


FILTER_FIELDS: Mapping[str, Check] = {
    "name": filled_text,
    "isActive": flag,
    "query": mapping,
    "groupBy": array(grouping, most=len(GROUPINGS)),
    "sortBy": one_of(*SEARCHABLE),
    "orderBy": one_of("asc", "desc"),
}


def new_filter(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new filter; raise `MissingField` or `InvalidValue`."""
    return fields_of(body, FILTER_FIELDS, "cotalker.saved-filters.fields", required=("name",), by="cotalker.saved-filters.fields")


def filter_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a filter that are to change; raise `InvalidValue`."""
    return fields_of(body, FILTER_FIELDS, "cotalker.saved-filters.fields")


def grouped_search(body: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the query and the field to group by of a grouped search; raise `MissingField` or `InvalidValue`."""
    fields = {"filters": mapping, "groupBy": grouping}
    wanted = known(body, fields, required=("groupBy",), by="cotalker.search.group-by-needed")
    return task_query(wanted.get("filters", {})), wanted["groupBy"]
