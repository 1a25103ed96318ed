"""What GroupCamp's own interface can do and its API can't: everything that changes a task, and what surrounds tasks.

Each action keeps what the product keeps true: a completed task is done by everybody, dates never run backwards, sums add up.
Objects are named by the Uuid that the API gives, users by Uuid or address; answers have the API's shapes in its older generation.
"""

from understudy.core.vendor import Action
from understudy.vendors.groupcamp.actions import budgets, groups, keys, office, tasks, time

ACTIONS = {
    "create-task": Action("Create a task; in a closed list it opens the list again", tasks.CreateTask, tasks.create_task),
    "update-task": Action("Change what is sent of a task", tasks.UpdateTask, tasks.update_task),
    "set-progress": Action("Set how far an assignee is, in steps of ten percent", tasks.SetProgress, tasks.set_progress),
    "complete-task": Action("Complete a task, for everybody it is assigned to", tasks.CompleteTask, tasks.complete_task),
    "reopen-task": Action("Open a completed task again", tasks.OneTask, tasks.reopen_task),
    "delete-task": Action("Delete a task; time recorded on it stays in its group", tasks.OneTask, tasks.delete_task),
    "log-time": Action(
        "Record time spent by a user or by Nobody, on a task, for a group, or for neither", time.LogTime, time.log_time
    ),
    "create-group": Action("Create a group, without lists", groups.CreateGroup, groups.create_group),
    "set-group-state": Action(
        "Archive, trash, delete or restore a group, or switch its applications", groups.SetGroupState, groups.set_group_state
    ),
    "create-list": Action("Create an empty task list in a group", groups.CreateList, groups.create_list),
    "create-milestone": Action("Create a milestone in a group", groups.CreateMilestone, groups.create_milestone),
    "set-milestone-date": Action(
        "Move a milestone, and with it the due date of the tasks that take theirs from it",
        groups.SetMilestoneDate,
        groups.set_milestone_date,
    ),
    "set-project": Action("Set dates and unit of time of a project", budgets.SetProject, budgets.set_project),
    "set-budget": Action("Give a project a budget, for its present dates", budgets.SetBudget, budgets.set_budget),
    "remove-budget": Action("Take a project's budget away", budgets.RemoveBudget, budgets.remove_budget),
    "set-account": Action(
        "Set units, currency and plan of the account; budgets in others are not valid any more",
        budgets.SetAccount,
        budgets.set_account,
    ),
    "create-team": Action("Create a team of users", office.CreateTeam, office.create_team),
    "clear-cache": Action("Forget the lists that are stored for their later pages", office.ClearCache, office.clear_cache),
    "forbid": Action("Let an object, or a method that names none, answer 403, or no longer", groups.Forbid, groups.forbid),
    "create-key": Action("Declare a key of the API for one application", keys.CreateKey, keys.create_key),
    "remove-key": Action("Delete a key of the API, effective at once", keys.RemoveKey, keys.remove_key),
    "set-api": Action("Switch the API of the account on or off", keys.SetAPI, keys.set_api),
}
