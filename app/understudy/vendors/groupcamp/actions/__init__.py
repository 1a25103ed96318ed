"""What GroupCamp's own interface can do and its reporting API can't: everything that changes a task, and what surrounds tasks.

Each action keeps what the product keeps true: a completed task is done by everybody, dates never run backwards, sums add up.
Objects are named by the Uuid that the API gives, users by Uuid or address; answers have the API's shapes in its older generation.
"""

from understudy.core.vendor import Action
from understudy.vendors.groupcamp.actions import groups, keys, tasks, time

ACTIONS = {
    "create-task": Action("Create a task; in a closed list it opens the list again", tasks.CreateTask, tasks.create_task),
    "update-task": Action("Change what is sent of a task", tasks.UpdateTask, tasks.update_task),
    "set-progress": Action("Set how far an assignee is, in steps of ten percent", tasks.SetProgress, tasks.set_progress),
    "complete-task": Action("Complete a task, for everybody it is assigned to", tasks.CompleteTask, tasks.complete_task),
    "reopen-task": Action("Open a completed task again", tasks.OneTask, tasks.reopen_task),
    "delete-task": Action("Delete a task; time recorded on it stays in its group", tasks.OneTask, tasks.delete_task),
    "log-time": Action("Record time spent on a task by a user or by Nobody", time.LogTime, time.log_time),
    "create-group": Action("Create a group, without lists", groups.CreateGroup, groups.create_group),
    "set-group-state": Action(
        "Archive, trash, delete or restore a group, or switch its Tasks application", groups.SetGroupState, groups.set_group_state
    ),
    "create-list": Action("Create an empty task list in a group", groups.CreateList, groups.create_list),
    "create-milestone": Action("Create a milestone in a group", groups.CreateMilestone, groups.create_milestone),
    "set-milestone-date": Action(
        "Move a milestone, and with it the due date of the tasks that take theirs from it",
        groups.SetMilestoneDate,
        groups.set_milestone_date,
    ),
    "forbid": Action("Let an object answer 403, or no longer", groups.Forbid, groups.forbid),
    "create-key": Action("Declare a key of the API for one application", keys.CreateKey, keys.create_key),
    "remove-key": Action("Delete a key of the API, effective at once", keys.RemoveKey, keys.remove_key),
    "set-api": Action("Switch the API of the account on or off", keys.SetAPI, keys.set_api),
}
