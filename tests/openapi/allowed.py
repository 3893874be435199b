"""Where GitHub does not do as its description says: the problem, as a pattern, and why it is none.

What no longer occurs has to go: a test sees to it.
"""

from __future__ import annotations

from typing import Final

ALLOWED: Final[dict[str, str]] = {
    "* answer 401: the status is not described": "every request may lack credentials",
    "* answer 403: the status is not described": "every request may lack a permission",
    "* answer 404: the status is not described": "what the caller may not see is not there, everywhere",
    "* answer 304: the status is not described": (
        "every GET may be conditional:"
        " https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api"
    ),
    "* answer 429: the status is not described": (
        "every request may be one too many:"
        " https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
    ),
    "* answer 50?: the status is not described": "every request may meet a server in trouble",
    "* answer 4??: Unevaluated properties are not allowed ('status' was unexpected)": (
        "every refusal has its status in the body, as PyGithub's recording Repository.testTransferOwnershipInvalidOwner"
        " shows for 422; the schemas of validation errors leave it out"
    ),
    "POST /repos/{owner}/{repo}/rulesets answer 422: the status is not described": (
        "Enterprise Server's description leaves out the refusal that the others describe"
    ),
    "POST /repos/{owner}/{repo}/actions/variables answer 409: the status is not described": (
        "the name of a variable is taken: clients rely on this status to change it instead"
    ),
    "GET /repos/*/contents/: there is no such operation": (
        "the root folder: an empty path is documented at https://docs.github.com/rest/repos/contents"
    ),
}
