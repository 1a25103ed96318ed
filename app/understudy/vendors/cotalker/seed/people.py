"""The company, its access roles and its users."""

from collections.abc import Mapping, Sequence

from understudy.core.clock import iso
from understudy.core.world import Person
from understudy.vendors.cotalker import tables
from understudy.vendors.cotalker.seed.ground import Ground, text
from understudy.vendors.cotalker.seed.recipe import UserRecipe

ROLES = {
    "administrators": ["admin-access", "admin-*-read", "admin-*-write"],
    "everybody": ["app-access", "app-tasks"],
    "supervisors": ["field-supervisor"],
}


def plant_company(ground: Ground, name: str) -> None:
    """Make the company itself."""
    document = {
        "_id": ground.company,
        "displayName": name,
        "legalName": f"{name} S.A.",
        "subdomain": "".join(letter for letter in name.lower() if letter.isalnum()),
        "isActive": True,
        "defaultLanguage": "en",
        "emailDomains": [],
        "__v": 0,
    }
    ground.session.add(tables.Company(id=ground.company, document=text(document)))


def plant_people(ground: Ground, people: Sequence[Person], known: Sequence[UserRecipe]) -> list[str]:
    """Make the access roles and the users; return the ids of the users, the known ones first."""
    roles = {name: _plant_role(ground, name) for name in ROLES}
    by_key = {person.key: person for person in people}
    planted = [_plant_user(ground, by_key.pop(user.person), user, roles) for user in known]
    return planted + [_plant_user(ground, person, _ordinary(ground, person), roles) for person in by_key.values()]


def _ordinary(ground: Ground, person: Person) -> UserRecipe:
    return UserRecipe(id=ground.new_id(ground.cast.instant(-395, -390)), person=person.key, email=person.email)


def _plant_role(ground: Ground, name: str) -> str:
    role, _ = ground.birth(None, -400, -395)
    document = {
        "_id": role,
        "active": True,
        "permissions": ROLES[name],
        "name": name.capitalize(),
        "company": ground.company,
        "__v": 0,
    }
    ground.session.add(tables.AccessRole(id=role, company=ground.company, document=text(document)))
    return role


def _plant_user(ground: Ground, person: Person, wish: UserRecipe, roles: Mapping[str, str]) -> str:
    """Make a user and, where one is wanted, the token; return the user's id."""
    permissions = [permission for role in wish.roles for permission in ROLES[role]]
    stamp = iso(int(wish.id[:8], 16) * 1000)
    document = {
        "_id": wish.id,
        "name": {
            "displayName": person.name,
            "names": person.first,
            "lastName": person.last,
            "secondLastName": person.second_last,
        },
        "email": wish.email,
        "accessRoles": [roles[role] for role in wish.roles],
        "permissionsV2": permissions,
        "properties": [],
        "companies": [
            {
                "_id": ground.new_id(ground.cast.instant(-395, -390)),
                "companyId": ground.company,
                "hierarchy": {"boss": [], "peers": [], "subordinate": []},
            }
        ],
        "isActive": wish.active,
        "isOnline": False,
        "isReadOnly": wish.read_only,
        "termsConditions": False,
        "jobTitle": person.job,
        "extensions": {},
        "createdAt": stamp,
        "modifiedAt": stamp,
        "__v": 0,
    }
    ground.session.add(
        tables.User(
            id=wish.id,
            company=ground.company,
            email=wish.email.lower(),
            password=wish.password,
            is_active=wish.active,
            is_read_only=wish.read_only,
            permissions=text(permissions),
            document=text(document),
        )
    )
    if wish.token is not None:
        ground.session.add(tables.ApiToken(token=wish.token, user=wish.id, label=wish.label))
    return wish.id
