"""Cotalker's operations, one module per resource: one function each, named as its operationId in openapi/cotalker.yaml.

Of two paths that fit a request the first one answers: words that stand in the place of an id come before the id.
"""

from understudy.vendors.cotalker.routes import (
    access_roles,
    companies,
    groups,
    login,
    properties,
    property_types,
    slas,
    task_filters,
    task_groups,
    task_groups_v1,
    tasks,
    tasks_v1,
    users,
    workflows,
)

ROUTERS = (
    login.router,
    task_groups.router,
    tasks.router,
    task_groups_v1.router_v1,
    tasks.router_v1,
    tasks_v1.router_v1,
    workflows.router_v1,
    task_filters.router_v1,
    slas.router_v1,
    groups.router,
    groups.router_v1,
    users.router,
    users.router_v1,
    properties.router,
    properties.router_v1,
    property_types.router,
    access_roles.router,
    companies.router_v1,
)
