"""The company, its access roles and its users."""

from collections.abc import Mapping, Sequence

from understudy.core.clock import iso
from understudy.core.world import Person
from understudy.vendors.cotalker import tables
from understudy.vendors.cotalker.rules.access_roles import store_access_role
from understudy.vendors.cotalker.rules.users import store_user
from understudy.vendors.cotalker.seed.ground import Ground, text
from understudy.vendors.cotalker.seed.recipe import BotRecipe, UserRecipe

ROLES = {
    "administrators": ["admin-access", "admin-*-read", "admin-*-write"],
    "everybody": ["app-access", "app-tasks"],
    "supervisors": ["field-supervisor"],
}


def plant_company(ground: Ground, name: str, *, admins: Sequence[str] = ()) -> None:
    """Make the company itself; its id tells when."""
    stamp = iso(int(ground.company[:8], 16) * 1000)
    document = {
        "_id": ground.company,
        "displayName": name,
        "legalName": f"{name} S.A.",
        "subdomain": "".join(letter for letter in name.lower() if letter.isalnum()),
        "isActive": True,
        "defaultCountry": "CL",
        "defaultLanguage": "en",
        "emailDomains": [],
        "admin": list(admins),
        "contactMode": "default",
        "permissions": {
            "receiveNotifications": True,
            "readLocation": False,
            "showTos": {"value": False, "url": ""},
        },
        "offline": {"isActive": False, "maxSyncTimeMs": 0},
        "hideSummary": False,
        "appContacts": True,
        "createdAt": stamp,
        "modifiedAt": stamp,
        "__v": 0,
    }
    ground.session.add(tables.Company(id=ground.company, document=text(document)))


def plant_people(ground: Ground, people: Sequence[Person], known: Sequence[UserRecipe]) -> list[str]:
    """Make the access roles and the users; return the ids of the users, the known ones first."""
    roles = {name: _plant_role(ground, name) for name in ROLES}
    by_key = {person.key: person for person in people}
    planted = [_plant_user(ground, by_key.pop(user.person), user, roles, _relatives(user, known)) for user in known]
    alone: dict[str, list[str]] = {"boss": [], "peers": [], "subordinate": []}
    return planted + [_plant_user(ground, person, _ordinary(ground, person), roles, alone) for person in by_key.values()]


def plant_bot(ground: Ground, wanted: BotRecipe) -> None:
    """Make the user of a bot, who can't log in and has no permissions."""
    name = {"displayName": wanted.name, "names": wanted.name, "lastName": "", "secondLastName": ""}
    membership = {"_id": wanted.bot, "companyId": ground.company, "hierarchy": {"boss": [], "peers": [], "subordinate": []}}
    store_user(
        ground.session,
        wanted.id,
        company=ground.company,
        email=wanted.email,
        password=None,
        created=int(wanted.id[:8], 16) * 1000,
        wishes={"name": name, "companies": [membership]},
        bot=wanted.bot,
    )


def _relatives(user: UserRecipe, known: Sequence[UserRecipe]) -> dict[str, list[str]]:
    """Return the ids of those above, beside and below a known user."""
    return {
        "boss": [other.id for other in known if other.person == user.boss],
        "peers": [other.id for other in known if user.boss and other.boss == user.boss and other != user],
        "subordinate": [other.id for other in known if other.boss == user.person],
    }


def _ordinary(ground: Ground, person: Person) -> UserRecipe:
    return UserRecipe(id=ground.new_id(ground.cast.instant(-395, -390)), person=person.key, email=person.email)


def _plant_role(ground: Ground, name: str) -> str:
    role, _ = ground.birth(None, -400, -395)
    wishes = {"permissions": ROLES[name], "name": name.capitalize()}
    store_access_role(ground.session, role, company=ground.company, wishes=wishes)
    return role


def _plant_user(
    ground: Ground, person: Person, wish: UserRecipe, roles: Mapping[str, str], relatives: Mapping[str, list[str]]
) -> str:
    """Make a user and, where one is wanted, the token; return the user's id."""
    membership = ground.new_id(ground.cast.instant(-395, -390))
    wishes = {
        "name": {
            "displayName": person.name,
            "names": person.first,
            "lastName": person.last,
            "secondLastName": person.second_last,
        },
        "accessRoles": [roles[role] for role in wish.roles],
        "properties": wish.properties,
        "companies": [{"_id": membership, "companyId": ground.company, "hierarchy": dict(relatives)}],
        "isActive": wish.active,
        "isReadOnly": wish.read_only,
        "jobTitle": person.job,
    }
    created = int(wish.id[:8], 16) * 1000
    store_user(
        ground.session, wish.id, company=ground.company, email=wish.email, password=wish.password, created=created, wishes=wishes
    )
    if wish.token is not None:
        ground.session.add(tables.ApiToken(token=wish.token, user=wish.id, label=wish.label))
    return wish.id
