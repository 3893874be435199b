"""Who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests


class Caller:
    """Asks one GitHub with one credential, or without."""

    def __init__(self, url: str, credential: str = "") -> None:
        self._url = url
        self._session = requests.Session()
        if credential:
            self._session.headers["Authorization"] = f"Bearer {credential}"

    def __call__(
        self,
        status: int,
        request: str,
        body: Any = None,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON of the answer to a request such as `GET /user`. The answer must have this status."""
        method, _, path = request.partition(" ")
        answer = self._session.request(
            method, self._url + path, params=query, json=body, headers=headers, allow_redirects=False, timeout=30
        )
        assert answer.status_code == status, f"{request}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None
