"""What can go wrong between a test suite and the control plane."""


class UnderstudyError(Exception):
    """The base of all errors of the client."""


class Unreachable(UnderstudyError):
    """Nobody answers at the address, or somebody who is no Understudy; the message is one line."""


class Refused(UnderstudyError):
    """The control plane refused a request.

    `status` is the HTTP status, `code` the kind of error, such as `unknown_sandbox` or `invalid_body`, `detail` what is
    wrong, in words.
    """

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type["Refused"], tuple[int, str, str]]:
        """Make it again from its three parts, so that it survives the way from a worker process of a test run."""
        return type(self), (self.status, self.code, self.detail)
