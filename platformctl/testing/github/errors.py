"""GitHub's refusals: statuses and bodies.

The shapes are those of the schemas `basic-error` and `validation-error` in GitHub's OpenAPI description; what the codes
mean is in https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DOCUMENTATION: Final = "https://docs.github.com/rest"


class Refused(Exception):  # noqa: N818 - an answer, raised to leave the endpoint
    """An answer with an error's status and body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[Any] | None = None,
        headers: Mapping[str, str] | None = None,
        page: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"message": message}
        if errors is not None:
            self.body["errors"] = errors
        self.body["documentation_url"] = f"{DOCUMENTATION}/{page}" if page else DOCUMENTATION
        self.body["status"] = str(status)


def not_found() -> Refused:
    """For what is not there, and for what the caller may not see."""
    return Refused(404, "Not Found")


def unprocessable(message: str) -> Refused:
    """A 422 in words, without a list."""
    return Refused(422, message)


def invalid_request(why: str) -> Refused:
    """A body that does not fit the endpoint's schema.

    As recorded in https://github.com/octokit/octokit.rb/issues/992 and https://github.com/QasimWani/LeetHub/issues/493.
    """
    return Refused(422, f"Invalid request.\n\n{why}")


def validation_failed(resource: str, field: str, code: str, message: str = "") -> Refused:
    """A 422 with one error in its list: `missing`, `missing_field`, `invalid`, `already_exists`, `custom`…"""
    return Refused(422, "Validation Failed", errors=[error(resource, field, code, message)])


def error(resource: str, field: str, code: str, message: str = "") -> dict[str, str]:
    """One entry of a list of errors."""
    said = {"resource": resource, "code": code}
    if field:
        said["field"] = field
    if message:
        said["message"] = message
    return said


def empty_repository() -> Refused:
    """The git data API knows no repository without commits.

    https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-your-git-database; the words are in
    https://github.com/github/docs/issues/31951.
    """
    return Refused(409, "Git Repository is empty.")
