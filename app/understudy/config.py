"""Every knob of the server, in one place, each with its meaning.

A flag of `understudy serve` is a field here, and every field is also an environment variable `UNDERSTUDY_<NAME>`.
The README's table of settings is checked against this class.
"""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from understudy.tls import is_host

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """The settings of one server process; a value that does not fit raises `pydantic.ValidationError`.

    An empty variable counts as not set, so that a compose file may pass on what its user left out.
    """

    model_config = SettingsConfigDict(env_prefix="UNDERSTUDY_", env_ignore_empty=True, frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: Port = Field(
        8080, description="Main port: all vendors and the control plane; 0 is any free one, and then for the vendors too."
    )
    vendor_ports: Annotated[dict[str, Port], NoDecode] = Field(
        {"cotalker": 8081, "cubicl": 8082, "groupcamp": 8083},
        description="A port per vendor, each vendor at `/`; 0 is any free one, `none` for no such ports.",
    )
    data: Path | None = Field(None, description="Directory that keeps the state; without it every start is the same fresh world.")
    seed: int = Field(42, ge=0, lt=1 << 63, description="Seed of the world and of every draw.")
    world: Path | None = Field(None, description="Recipe of another world than the default one.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least of what is logged; `info` has a line for each request."
    )
    cache: Path | None = Field(None, description="Directory of worlds already made; by default the user's cache directory.")
    admin_token: str | None = Field(
        None,
        json_schema_extra={"writeOnly": True},  # a secret: GET /__admin/settings doesn't tell it
        description="Bearer token of the control plane when it listens beyond loopback; generated when not set.",
    )
    max_body_bytes: int = Field(8 * 1024 * 1024, ge=1, description="Largest request body; a larger one is answered with 413.")
    max_upload_bytes: int = Field(
        4_096_000_000, ge=1, description="Largest uploaded file, which `max_body_bytes` does not limit."
    )

    max_sandboxes: int = Field(10_000, ge=1, description="How many sandboxes there may be at once, `default` included.")
    sandboxes_in_memory: int = Field(
        96,
        ge=1,
        description="How many of them are in memory; those used least lately wait in files for their next request.",
    )
    journal_size: int = Field(10_000, ge=0, description="How many requests the journal of a sandbox remembers.")
    journal_bytes: int = Field(
        256 * 1024 * 1024, ge=0, description="How many bytes all journals together may take; beyond it the oldest requests go."
    )

    provenance: bool = Field(True, description="Whether the journal tells which rules of the ledger each answer followed.")
    rules_header: bool = Field(
        False, description="Whether every answer tells them in `X-Understudy-Rules`, not only one whose request has that header."
    )
    unverified: Literal["off", "warn", "fail"] = Field(
        "off",
        description="What becomes of an answer that relied on an inferred rule: nothing, a line in the log, or a 501 instead.",
    )
    accepted_rules: Annotated[list[str], NoDecode] = Field(
        [], description="Inferred rules that pass all the same: ids, or patterns such as `cubicl.list.*`."
    )

    tls: bool = Field(False, description="Serve HTTPS on every port, with a certificate for all vendor hosts.")
    tls_hosts: Annotated[list[str], NoDecode] = Field(
        [], description="More names and addresses that the certificate is to hold, such as the server's name in a network."
    )
    ca: Path | None = Field(
        None, description="Directory of the certificate authority behind it; by default in the user's data directory."
    )
    cors: bool = Field(
        True, description="Whether browser pages of other origins may call Cotalker and Cubicl; GroupCamp always lets them."
    )
    rate_limits: bool = Field(False, description="Whether the vendors' rate limits hold.")
    webhook_targets: Annotated[list[str], NoDecode] = Field(
        ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
        description="Networks that webhooks may be sent to; `any` for all.",
    )
    webhook_retries: Annotated[list[Annotated[int, Field(ge=0)]], NoDecode] = Field(
        [10, 60, 300],
        description="Seconds on the sandbox's clock before each retry of a webhook that failed; `none` for no retries.",
    )
    webhook_timeout_seconds: float = Field(
        10, gt=0, le=86_400, description="How long the answer to a webhook may take, in seconds."
    )

    cotalker_create_envelope: Literal["bare", "data", "union"] = Field(
        "bare", description="Body of a created Cotalker task group: the bare document, inside `data`, or both."
    )
    cotalker_task_group_list_key: Literal["values", "taskgroups"] = Field(
        "values", description="Key of the array in Cotalker's list of task groups."
    )
    cotalker_task_patch_envelope: Literal["task", "bare"] = Field(
        "task", description="Body of a Cotalker task changed through version 1: inside `task`, or the bare document."
    )
    cotalker_smstate_populated: bool = Field(
        False, description="Whether the states that Cotalker lists at `sm/smstate` name their element instead of giving its id."
    )
    cotalker_property_matches_asset: bool = Field(
        False, description="Whether Cotalker's `property` filter also matches a task's `asset`."
    )
    cotalker_permission_checks: bool = Field(
        True, description="Whether Cotalker checks permissions; when off, only the `Admin` header is asked for."
    )
    cubicl_storage_bytes: int = Field(
        10 * 1024**3,
        ge=0,
        lt=1 << 63,
        description="Bytes that Cubicl's file storage can hold, unless the action `set-storage` has set another number.",
    )
    cubicl_requests_per_minute: int = Field(
        120, ge=1, description="Requests of one Cubicl token within a minute, when rate limits hold."
    )
    groupcamp_generation: Literal["seed", "v3"] = Field(
        "seed",
        description="Fields of a GroupCamp task: as of 2017-2019, or with `permalink`, `rich_tags` and `shortname`.",
    )
    groupcamp_page_size: int = Field(100, ge=1, description="Items on one page of a GroupCamp list.")
    groupcamp_strict_parameters: bool = Field(
        False, description="Whether GroupCamp refuses a GET parameter it does not know (400) instead of ignoring it."
    )

    @field_validator("vendor_ports", mode="before")
    @classmethod
    def _read_vendor_ports(cls, value: object) -> object:
        """Accept `name=port,name=port` and `none` beside a mapping."""
        if not isinstance(value, str):
            return value
        if value.strip().lower() in ("", "none"):
            return {}
        if not all("=" in pair for pair in value.split(",")):
            raise ValueError(f"{value!r} has not the form cotalker=9716,cubicl=9717; `none` is for no such ports")
        pairs = [pair.partition("=") for pair in value.split(",")]
        return {name.strip(): port.strip() for name, _, port in pairs}

    @field_validator("webhook_targets", "webhook_retries", "tls_hosts", "accepted_rules", mode="before")
    @classmethod
    def _read_list(cls, value: object) -> object:
        """Accept `a,b,c` and `none` beside a list."""
        if not isinstance(value, str):
            return value
        return [] if value.strip().lower() in ("", "none") else [item.strip() for item in value.split(",")]

    @field_validator("webhook_targets")
    @classmethod
    def _check_networks(cls, value: list[str]) -> list[str]:
        """Raise `ValueError` for what is no network."""
        for network in value:
            if network != "any":
                ip_network(network)
        return value

    @field_validator("tls_hosts")
    @classmethod
    def _check_hosts(cls, value: list[str]) -> list[str]:
        """Raise `ValueError` for what no certificate can name."""
        for host in value:
            if not is_host(host):
                raise ValueError(f"not a host name or address: {host!r}")
        return value

    def url(self, port: int | None = None) -> str:
        """Return the address of a port, by default the main one, as this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"{'https' if self.tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port or self.port}"

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK
