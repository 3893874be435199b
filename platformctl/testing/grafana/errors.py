"""Refusals in the words of both APIs."""

from __future__ import annotations

from typing import Any, Final

_REASONS: Final = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict"}


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the fake
    """An answer of 400 or more."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("message"))
        self.status = status
        self.body = body


def said(status: int, message: str, kind: str = "") -> Refused:
    """A refusal below `/api`; `kind` is its `status`, such as `version-mismatch`.

    https://github.com/grafana/grafana/blob/main/pkg/services/dashboards/errors.go
    """
    return Refused(status, {"message": message, **({"status": kind} if kind else {})})


def denied(action: str) -> Refused:
    """For a token without a permission, below `/api`.

    https://github.com/grafana/grafana/blob/main/pkg/services/accesscontrol/middleware.go
    """
    message = f"You'll need additional permissions to perform this action. Permissions needed: {action}"
    return Refused(403, {"title": "Access denied", "message": message, "accessErrorId": "ACE0000000000"})


def failed(status: int, message: str, reason: str = "") -> Refused:
    """A refusal below `/apis`, which is a Status of Kubernetes.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """
    return Refused(
        status,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason or _REASONS.get(status, "InternalError"),
            "code": status,
        },
    )
