"""Writing to repositories on GitHub.

Git's objects are written through the git data API, so that any number of files is one commit. A branch moves only
forward, which is the compare-and-swap; what is taken back is taken back by a commit too. That API does not work on an
empty repository, which is why GitHub makes the first commit: https://docs.github.com/en/rest/git/trees
"""

from __future__ import annotations

import base64
import random
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from platformctl.backends.forge import Commit, Entry, Touch
from platformctl.backends.forge.github.contents import EMPTIED, Contents, is_first
from platformctl.backends.forge.github.manners import Refused
from platformctl.errors import Moved, NotConverged, Protected, Taken
from platformctl.home import write_atomically
from platformctl.model import File, Owner

_ATTEMPTS: Final = 12
"""How often one file is written while others write to other files of the branch."""
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_EMPTY: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git's hash of a tree without entries."""
_TRAILER: Final = "^{name}: *(.+)$"
_IDENTITY: Final = {"name": "platformctl", "email": "platformctl@localhost"}
"""Who commits what has a fixed date; everything else is committed by whom the credential belongs to."""


class Commits(Contents):
    """Commits, tags, and who made them."""

    def commit(self, name: str, branch: str, parent: str, commit: Commit) -> str:
        path = self._path(name)
        if not parent and self.head(name, branch):
            raise Moved(f"{branch} has moved", where=self.url(name))
        beneath = parent or self._beneath.get((name, branch), "")
        base = self._root(name, parent) if parent else ""
        tree = self._written(path, base, commit.files)
        about: dict[str, Any] = {"message": commit.message, "tree": tree, "parents": [beneath] if beneath else []}
        if commit.date != "now":
            about["author"] = about["committer"] = {**_IDENTITY, "date": commit.date}
        new: str = self._client.ask("POST", f"{path}/git/commits", about)["sha"]
        self._trees[new] = tree
        self._move(name, branch, beneath, new)
        return new

    def rewind(self, name: str, branch: str, head: str, to: str) -> None:
        path = self._path(name)
        first = {"README.md": File(f"# {name}\n".encode())}
        tree = self._root(name, to) if to else self._written(path, "", first)
        message = f"Take back what is above\n\n{'' if to else EMPTIED}"
        about = {"message": message, "tree": tree, "parents": [head]}
        new: str = self._client.ask("POST", f"{path}/git/commits", about)["sha"]
        self._trees[new] = tree
        self._move(name, branch, head, new)
        if not to:
            self._heads[name, branch] = (time.monotonic(), "")
            self._beneath[name, branch] = new

    def history(self, name: str, commit: str) -> list[Owner]:
        listed = self._client.pages(f"{self._path(name)}/commits", {"sha": commit})
        return [_owner(found["commit"]["message"]) for found in listed if not is_first(found)]

    def made_by(self, name: str, commit: str) -> Owner:
        return _owner(self._commit(name, commit)["message"])

    def left_by(self, name: str, commit: str) -> Owner:
        return left_by(self._commit(name, commit))

    def parents(self, name: str, commit: str) -> Sequence[str]:
        return [parent["sha"] for parent in self._commit(name, commit)["parents"]]

    def _commit(self, name: str, commit: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._client.ask("GET", f"{self._path(name)}/git/commits/{commit}")
        self._trees[commit] = found["tree"]["sha"]
        return found

    def touched(self, name: str, commit: str, path: str, most: int = 1) -> list[Touch]:
        asked = {"sha": commit, "path": path, "per_page": str(most)}
        listed = self._client.find(f"{self._path(name)}/commits", asked) or []
        return [_touch(found) for found in listed[:most]]

    def put_file(self, name: str, branch: str, path: str, content: bytes | None, blob: str, message: str) -> str:
        about = {"message": message, "branch": branch, **({"sha": blob} if blob else {})}
        wanted = "" if content is None else self._objects.keep_blob(content)
        if content is not None:
            about["content"] = base64.b64encode(content).decode()
        verb = "DELETE" if content is None else "PUT"
        self._heads.pop((name, branch), None)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._client.ask(verb, f"{self._path(name)}/contents/{quote(path)}", about)
            except Refused as refused:
                if refused.status not in (404, 409, 422):
                    raise
                self._insist_unprotected(name, branch, refused)
                found = self.file(name, branch, path)
                now = found[1] if found else ""
                if now == wanted:
                    return wanted
                # GitHub refuses writes to a branch that come at the same instant, to whatever file:
                # https://docs.github.com/en/rest/repos/contents#create-or-update-file-contents
                if now != blob or attempt == _ATTEMPTS:
                    raise Moved(f"{path} of {name} was changed meanwhile", where=self.url(name)) from None
                time.sleep(random.uniform(0.1, 0.4) * min(attempt, 5))  # noqa: S311 - jitter, not a secret
            else:
                break
        return wanted

    def tag(self, name: str, tag: str, commit: str) -> None:
        try:
            self._client.ask("POST", f"{self._path(name)}/git/refs", {"ref": f"refs/tags/{tag}", "sha": commit})
        except Refused as refused:
            if refused.status != 422 or not self._tagged(name, tag):
                raise
            if self._tagged(name, tag) != commit:
                raise Taken(f"tag {tag} of {name} stands on another commit", hint="Released versions stay") from None

    def delete_tag(self, name: str, tag: str, commit: str) -> None:
        if self._tagged(name, tag) != commit:
            raise Moved(f"tag {tag} of {name} was moved")
        self._client.remove(f"{self._path(name)}/git/refs/tags/{tag}")
        (self._cache / "tags" / self._organisation / name / tag).unlink(missing_ok=True)

    def release(self, name: str, tag: str) -> str:
        place = self._cache / "tags" / self._organisation / name / tag
        with suppress(OSError, ValueError):
            if _COMMIT.fullmatch(known := place.read_text(encoding="ascii")):
                return known
        if commit := self.head(name, f"refs/tags/{tag}"):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, commit.encode())
        return commit

    def _written(self, path: str, base: str, files: Mapping[str, File | None]) -> str:
        """Write a tree: text within the request, binary files before it. Gives its hash, checked where it can be."""
        entries: dict[str, Entry | None] = {}
        parts = []
        for place, file in sorted(files.items()):
            part: dict[str, Any] = {"path": place, "mode": file.mode if file else "100644", "type": "blob"}
            if file is None:
                part["sha"] = None
                entries[place] = None
            else:
                entries[place] = Entry(file.mode, self._objects.keep_blob(file.content))
                text = _text(file.content)
                if text is None:
                    encoded = {"content": base64.b64encode(file.content).decode(), "encoding": "base64"}
                    part["sha"] = self._client.ask("POST", f"{path}/git/blobs", encoded)["sha"]
                else:
                    part["content"] = text
            parts.append(part)
        about: dict[str, Any] = {"tree": parts, **({"base_tree": base} if base else {})}
        made: str = self._client.ask("POST", f"{path}/git/trees", about)["sha"]
        expected = self._objects.changed(base, entries)
        if expected is not None and made != (expected or _EMPTY):
            raise NotConverged("GitHub wrote other files than were sent", where=path)
        return made

    def _move(self, name: str, branch: str, old: str, new: str) -> None:
        path = self._path(name)
        self._heads.pop((name, branch), None)
        try:
            if old:
                self._client.ask("PATCH", f"{path}/git/refs/heads/{branch}", {"sha": new, "force": False})
            else:
                self._client.ask("POST", f"{path}/git/refs", {"ref": f"refs/heads/{branch}", "sha": new})
        except Refused as refused:
            if refused.status not in (404, 409, 422):
                raise
            self._insist_unprotected(name, branch, refused)
            self._absent.discard(name)  # whatever an earlier read said
            # An answer that was lost: the branch was made by an earlier try of this very request.
            if not old and self.head(name, branch) == new:
                return
            raise Moved(f"{branch} has moved", where=self.url(name)) from None
        self._beneath.pop((name, branch), None)
        self._heads[name, branch] = (time.monotonic(), new)

    def _insist_unprotected(self, name: str, branch: str, refused: Refused) -> None:
        """Raise `Protected` when that is why a write was refused."""
        said = refused.message.lower()
        if any(word in said for word in ("rule", "protected", "must be made through", "required status check")):
            raise Protected(
                f"{branch} of {name} is protected: {' '.join(refused.message.split())}",
                where=self.url(name),
                hint="Let platformctl bypass it with forge.bypass in platform.yaml",
            ) from None


def left_by(commit: Mapping[str, Any]) -> Owner:
    """The run that made a commit which stands as the API made it: who amends or rebases it commits it anew, later.

    The API gives author and committer one time. What an App commits, GitHub commits for it, and signs:
    https://github.com/renovatebot/renovate/pull/43192.
    """
    author, committer = commit["author"], commit["committer"]
    alone = committer["email"] == author["email"] or str(committer["email"]).startswith("noreply@")
    return _owner(commit["message"]) if alone and committer["date"] == author["date"] else Owner("", "")


def _touch(found: Mapping[str, Any]) -> Touch:
    about = found["commit"]
    at = datetime.fromisoformat(about["author"]["date"]).astimezone(UTC)
    return Touch(found["sha"], about["author"]["name"], at, _owner(about["message"]))


def _owner(message: str) -> Owner:
    found = [
        re.search(_TRAILER.format(name=name), message, re.MULTILINE)
        for name in ("Platformctl-Service", "Platformctl-Run")
    ]
    service, run = (match[1].strip() if match else "" for match in found)
    return Owner(service, run)


def _text(content: bytes) -> str | None:
    """The content as it can travel within JSON, or None."""
    if not content or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
