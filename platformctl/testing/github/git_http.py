"""git over HTTP, by `git http-backend`: https://git-scm.com/docs/http-protocol and https://git-scm.com/docs/gitprotocol-pack."""

from __future__ import annotations

import re
import subprocess
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from platformctl.testing.github import access, moves, protection, rules, workflows
from platformctl.testing.github.errors import Refused, not_found
from platformctl.testing.github.moves import Move
from platformctl.testing.github.objects import ENVIRONMENT
from platformctl.testing.github.repository import Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.world import World
from platformctl.testing.wire.exchange import Request, Response

_PATH: Final = re.compile(r"/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack|HEAD|objects/.+)")
_NOTHING: Final = "0" * 40


class Pushed(NamedTuple):
    """What a push asks for one ref."""

    old: str
    new: str
    ref: str


def is_git(path: str) -> bool:
    """Whether a path is git's and not the API's."""
    return not path.startswith(("/repos/", "/orgs/", "/api/v3/")) and bool(_PATH.fullmatch(path))


def repository_name(path: str) -> str:
    """The repository's name in one of git's paths."""
    match = _PATH.fullmatch(path)
    assert match is not None
    return unquote(match[2])


def answer(world: World, token: Token, request: Request) -> Response:
    """Serve a clone, fetch or push; a push changes this world."""
    match = _PATH.fullmatch(request.path)
    assert match is not None
    try:
        repository = world.repository(unquote(match[1]), unquote(match[2]))
    except Refused:
        # Only those who have shown who they are learn that there is nothing.
        raise not_found() if token.kind != "none" else Refused(401, "Requires authentication") from None
    pushes = "git-receive-pack" in (match[3], request.query.get("service"))
    if token.kind == "none" and (pushes or repository.private):
        raise Refused(401, "Requires authentication")
    access.allow(world, token, repository, "contents:write" if pushes else "contents:read")
    if match[3] == "git-receive-pack":
        commands, capabilities, pack = _commands(request.body)
        if commands and (refused := _check(world, token, repository, commands, pack)):
            return _declined(commands, capabilities, *refused)
    response = _backend(world, repository, token, request, match[3])
    if match[3] == "git-receive-pack":
        moves.reload(world, repository)
    return response


def refusal(refused: Refused) -> Response:
    """What git is told instead: it asks for a password on a 401, and shows the text of others."""
    status = 401 if refused.status == 401 else 404 if refused.status == 404 else 403
    headers = {"Content-Type": "text/plain"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    said = "Repository not found." if status == 404 else str(refused)
    return Response(status, said.encode(), headers)


def _backend(world: World, repository: Repository, token: Token, request: Request, service: str) -> Response:
    folder = repository.git.folder
    environment = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(folder.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "PATH_INFO": f"/{folder.name}/{service}",
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "REMOTE_USER": token.login or "anonymous",
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=request.body, capture_output=True, env=environment, timeout=120, check=False
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split(" ")[0])
    return Response(status, content, headers)


def _commands(body: bytes) -> tuple[list[Pushed], str, bytes]:
    """The refs that a push wants to move, its capabilities, and its pack."""
    commands, capabilities, start = [], "", 0
    while start < len(body) and (length := int(body[start : start + 4], 16)):
        line, _, said = body[start + 4 : start + length].rstrip(b"\n").partition(b"\0")
        capabilities = said.decode() or capabilities
        commands.append(Pushed(*line.decode().split(" ", 2)))
        start += length
    return commands, capabilities, body[start + 4 :]


def _check(
    world: World, token: Token, repository: Repository, commands: list[Pushed], pack: bytes
) -> tuple[str, list[str]] | None:
    """Why a push is refused: the reason for each ref, and what is said besides."""
    if pack:
        repository.git.git("unpack-objects", "-q", stdin=pack)
    for command in commands:
        old, new = ("" if sha == _NOTHING else sha for sha in (command.old, command.new))
        move = Move(command.ref, old, new)
        if path := workflows.forbidden(token, repository, move):
            return workflows.refusal(token, path), []
        if violations := protection.violations(world, token, repository, move):
            return _explained(world, repository, command.ref, violations)
    return None


def _explained(world: World, repository: Repository, ref: str, violations: list[str]) -> tuple[str, list[str]]:
    """As recorded in https://github.com/yshavit/mdq/pull/255 for rulesets, and for classic protection in
    https://github.com/dbt-labs/dbt-utils/issues/886.
    """
    if not rules.in_force(repository, ref):
        sentences = " ".join(violations)
        said = [f"error: GH006: Protected branch update failed for {ref}.", f"error: {sentences}"]
        return "protected branch hook declined", said
    page = f"{world.site.web_url}/{repository.full_name}/rules?ref={quote(ref, safe='')}"
    said = [f"error: GH013: Repository rule violations found for {ref}.", f"Review all repository rules at {page}", ""]
    said += [line for violation in violations for line in (f"- {violation}", "")]
    return "push declined due to repository rule violations", said


def _declined(commands: list[Pushed], capabilities: str, reason: str, said: list[str]) -> Response:
    """A report that refuses every ref, with words for the person."""
    report = b"".join(
        _line(text) for text in ("unpack ok\n", *(f"ng {command.ref} {reason}\n" for command in commands))
    )
    report += b"0000"
    if "side-band-64k" in capabilities.split():
        words = "".join(f"{line}\n" for line in said).encode()
        body = (_packet(b"\x02" + words) if words else b"") + _packet(b"\x01" + report) + b"0000"
    else:
        body = report
    headers = {"Content-Type": "application/x-git-receive-pack-result", "Cache-Control": "no-cache"}
    return Response(200, body, headers)


def _line(text: str) -> bytes:
    return _packet(text.encode())


def _packet(content: bytes) -> bytes:
    return b"%04x%s" % (len(content) + 4, content)
