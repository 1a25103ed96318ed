"""Companies, their people, groups and collections."""

from sqlalchemy import Index, UniqueConstraint, select
from sqlmodel import Field, SQLModel

from understudy.core.store import Prepared, table_of


class Company(SQLModel, table=True):
    """A tenant; everything else belongs to one."""

    __tablename__ = "cotalker_company"

    id: str = Field(primary_key=True)
    document: str


class AccessRole(SQLModel, table=True):
    """A named set of permissions (COTAccessRole)."""

    __tablename__ = "cotalker_access_role"

    id: str = Field(primary_key=True)
    company: str = Field(index=True)
    is_active: bool
    document: str


class User(SQLModel, table=True):
    """A person or bot (COTUser); `permissions` is the JSON list of the union over the active access roles.

    `email` is in lower case; a user without a `password` can't log in.
    """

    __tablename__ = "cotalker_user"
    __table_args__ = (Index("cotalker_user_by_modified", "company", "modified_at", "id"),)

    id: str = Field(primary_key=True)
    company: str
    email: str = Field(unique=True)
    password: str | None
    is_active: bool
    is_read_only: bool
    bot: str | None
    job: str | None
    created_at: int
    modified_at: int
    permissions: str
    document: str


class ApiToken(SQLModel, table=True):
    """A permanent token; `label` names those of the default world."""

    __tablename__ = "cotalker_api_token"

    token: str = Field(primary_key=True)
    user: str
    label: str | None = None


class Group(SQLModel, table=True):
    """A workflow group (COTGroup)."""

    __tablename__ = "cotalker_group"
    __table_args__ = (
        UniqueConstraint("company", "name_code"),
        Index("cotalker_group_by_modified", "company", "modified_at", "id"),
    )

    id: str = Field(primary_key=True)
    company: str
    name_code: str
    is_active: bool
    is_link: bool
    has_categories: bool
    weight: float
    created_at: int
    modified_at: int
    document: str


class PropertyType(SQLModel, table=True):
    """A collection of elements (COTPropertyType)."""

    __tablename__ = "cotalker_property_type"
    __table_args__ = (
        UniqueConstraint("company", "code"),
        Index("cotalker_property_type_by_modified", "company", "modified_at", "id"),
    )

    id: str = Field(primary_key=True)
    company: str
    code: str
    display: str
    is_active: bool
    created_at: int
    modified_at: int
    document: str


class Property(SQLModel, table=True):
    """An element of a collection (COTProperty), such as a state's name or an asset; `property_type` is the collection's code."""

    __tablename__ = "cotalker_property"
    __table_args__ = (
        UniqueConstraint("company", "code"),
        Index("cotalker_property_by_modified", "company", "modified_at", "id"),
        Index("cotalker_property_by_type", "company", "property_type", "modified_at", "id"),
    )

    id: str = Field(primary_key=True)
    company: str
    code: str
    property_type: str
    is_active: bool
    owner_ref: str | None
    owner_id: str | None
    created_at: int
    modified_at: int
    document: str


class Word(SQLModel, table=True):
    """A word by which `search` finds a record of any kind."""

    __tablename__ = "cotalker_word"

    word: str = Field(primary_key=True)
    record: str = Field(primary_key=True, index=True)


class Reference(SQLModel, table=True):
    """An item of a record's list `field` that lists are filtered by: ids, and the codes of permissions."""

    __tablename__ = "cotalker_reference"

    target: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    record: str = Field(primary_key=True, index=True)


LABELLED_TOKENS = Prepared(
    select(table_of(ApiToken)).where(table_of(ApiToken).c.label.is_not(None)).order_by(table_of(ApiToken).c.label)
)
