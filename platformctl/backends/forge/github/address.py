"""Where one GitHub is: its API's address is given, and the one that people and git use follows from it."""

from __future__ import annotations

from urllib.parse import urlsplit


def web_host(api: str) -> str:
    """The host, with a port if there is one, that people use: of an Enterprise Server, the API's own.

    github.com, and the hosts below ghe.com, have their API at `api.` and the host:
    https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency
    """
    host = urlsplit(api).netloc
    return host.removeprefix("api.") if host == "api.github.com" or host.endswith(".ghe.com") else host
