"""GroupCamp's operations, one file per module: one function each, named as its operationId in openapi/groupcamp.yaml."""

from understudy.vendors.groupcamp.routes import core, tasks, track

ROUTERS = (tasks.router, track.router, core.router)
