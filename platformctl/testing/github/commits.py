"""git's commits: written so that they get the name git gives them, read, and walked through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from platformctl.testing.github.errors import invalid_request
from platformctl.testing.github.objects import Objects


@dataclass(frozen=True)
class Signature:
    """Who made a commit, and when."""

    name: str
    email: str
    seconds: int
    offset: str = "+0000"

    @property
    def date(self) -> str:
        """The moment in UTC, as GitHub writes it."""
        return datetime.fromtimestamp(self.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.seconds} {self.offset}"


def signature(name: str, email: str, date: str) -> Signature:
    """A signature of a date in ISO 8601; its offset is kept."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        raise invalid_request(f"{date} is not a valid date-time.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone(timedelta()))
    return Signature(name, email, int(moment.timestamp()), moment.strftime("%z"))


@dataclass(frozen=True)
class Commit:
    """A commit's content."""

    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


def write(objects: Objects, commit: Commit) -> str:
    """Store a commit; its name."""
    lines = [f"tree {commit.tree}", *(f"parent {parent}" for parent in commit.parents)]
    lines += [f"author {commit.author}", f"committer {commit.committer}", "", commit.message]
    return objects.write("commit", "\n".join(lines).encode())


def read(objects: Objects, sha: str) -> Commit:
    """A commit by its name; GitHub's 404 when there is none."""
    head, _, message = objects.read(sha, "commit").decode(errors="replace").partition("\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.split("\n"):
        key, _, value = line.partition(" ")
        fields.setdefault(key, []).append(value)
    people = [parsed(fields[role][0]) for role in ("author", "committer")]
    return Commit(fields["tree"][0], tuple(fields.get("parent", ())), people[0], people[1], message)


def parsed(line: str) -> Signature:
    """A signature as it stands in a commit or tag."""
    person, seconds, offset = line.rsplit(" ", 2)
    name, _, email = person.partition(" <")
    return Signature(name, email.rstrip(">"), int(seconds), offset)


def ancestors(objects: Objects, *shas: str) -> Iterator[str]:
    """Commits and all before them, newest first, each once."""
    seen: set[str] = set()
    waiting = list(shas)
    while waiting:
        waiting.sort(key=lambda sha: read(objects, sha).committer.seconds)
        sha = waiting.pop()
        if sha not in seen:
            seen.add(sha)
            yield sha
            waiting += read(objects, sha).parents


def between(objects: Objects, base: str, head: str) -> Sequence[str]:
    """Commits of `head` that are not in `base`, newest first."""
    known = set(ancestors(objects, base))
    return [sha for sha in ancestors(objects, head) if sha not in known]


def contains(objects: Objects, head: str, sha: str) -> bool:
    """Whether a commit is another one or before it."""
    return any(found == sha for found in ancestors(objects, head))


def merge_base(objects: Objects, one: str, other: str) -> str:
    """The newest commit that both have, empty when there is none."""
    known = set(ancestors(objects, one))
    return next((sha for sha in ancestors(objects, other) if sha in known), "")


def merges(objects: Objects, base: str, head: str) -> bool:
    """Whether there is a merge among the commits of `head` that are not in `base`; without a base, the head itself."""
    new = between(objects, base, head) if base else (head,)
    return any(len(read(objects, sha).parents) > 1 for sha in new)
