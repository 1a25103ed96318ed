"""What Cubicl's own interface can do and its API can't."""

from understudy.core.vendor import Action
from understudy.vendors.cubicl.actions import clients, projects, tasks, users

ACTIONS = {
    "archive": Action("Archive a task", tasks.OneTask, tasks.archive),
    "restore": Action("Restore a task from the archive", tasks.OneTask, tasks.restore),
    "set-gantt": Action("Put a task into the Gantt chart or take it out", tasks.SetGantt, tasks.set_gantt),
    "make-email-task": Action("Let a task be one that an incoming mail made", clients.MakeEmailTask, clients.make_email_task),
    "make-support-task": Action(
        "Let a task be a request that a portal user made", clients.MakeSupportTask, clients.make_support_task
    ),
    "share-with-customer": Action("Share a task in the client portal, or stop it", clients.Share, clients.share_with_customer),
    "portal-post": Action("Comment on a task as its portal user", clients.Post, clients.portal_post),
    "email-post": Action("Comment on a task as the sender of its mail", clients.Post, clients.email_post),
    "create-project": Action("Create a project", projects.CreateProject, projects.create_project),
    "set-permissions": Action("Replace a project's permissions", projects.SetPermissions, projects.set_permissions),
    "create-tag": Action("Create a tag", projects.Named, projects.create_tag),
    "create-workflow": Action("Create a workflow", projects.Named, projects.create_workflow),
    "create-user": Action("Take somebody into the organisation", users.CreateUser, users.create_user),
    "remove-user": Action("Take somebody out of the organisation", users.OneUser, users.remove_user),
    "set-client-permission": Action(
        "Set what somebody may do with clients", users.SetClientPermission, users.set_client_permission
    ),
    "create-portal-user": Action(
        "Let somebody of a client use the client portal", clients.CreatePortalUser, clients.create_portal_user
    ),
    "create-token": Action("Give a user a new token", users.OneUser, users.create_token),
    "remove-token": Action("Make a token worthless", users.RemoveToken, users.remove_token),
    "set-storage": Action("Set how large and how full the file storage is", users.SetStorage, users.set_storage),
}
