"""Cotalker's operations, one module per resource: one function each, named as its operationId in openapi/cotalker.yaml."""

from understudy.vendors.cotalker.routes import login, task_groups, tasks

ROUTERS = (login.router, task_groups.router, tasks.router)
