"""Alerting in a folder that Prometheus and Alertmanager read.

rules/ENV/SERVICE.yml       rules, for Prometheus: `rule_files: [rules/staging/*.yml]`
fragments/ENV/SERVICE.json  routing, for nobody but us
alertmanager.yml            Alertmanager's configuration, derived from all fragments

What comes is written in this order and what goes is removed in the opposite one, the shared file always after the
fragment that it is derived from. So a kill leaves at most a shared file that does not say yet what the fragments say;
every service sees that, and every write mends it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.backends.alerting import Alerts, Routing, alertmanager
from platformctl.backends.owned_files import Owned, OwnedFiles
from platformctl.errors import BadConfig, Moved, NotFound, Taken
from platformctl.model import Json, Owner

_SHARED: Final = "alertmanager.yml"
_NOBODY: Final = Owner(_SHARED, "")
"""The mark of the shared file: it is written by platformctl and belongs to no service."""
_KEYS: Final = "/etc/alertmanager/paging"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_FRAGMENT: Final = {"matchers": dict, "receiver": str, "paging": str}


class AlertingFiles:
    """The alerts of one organisation, below `folder`; `lock` keeps the writers of one machine apart."""

    def __init__(self, folder: Path, lock: Path, keys_folder: str = _KEYS) -> None:
        self._folder = folder
        self._files = OwnedFiles(folder, lock)
        self._keys_folder = keys_folder
        self._once = False
        self._fragments: Mapping[str, Routing] | None = None
        self._as_derived: bytes | None = None
        """All routing, and the shared file that it gives, when they are looked at once only."""
        self._said: tuple[bytes, Json] | None = None
        """What the shared file said when it was looked at last."""

    def look_once(self) -> None:
        self._once = True

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> AlertingFiles:
        """The folder that the platform names, else one in its home folder."""
        organisation, given = platform["organisation"], platform.get("alerting", {})
        folder = home / (given.get("folder") or f"monitoring/{organisation}")
        return cls(folder, home / "locks" / f"alerting-{organisation}", given.get("keys_folder", _KEYS))

    def check(self) -> None:
        if self._folder.exists() and not self._folder.is_dir():
            raise BadConfig("this is not a folder", where=str(self._folder), hint="Alerts need a folder")

    def url(self, service: str, environment: str) -> str:
        return str(self._folder / _paths(service, environment)[0])

    def expects(self, paging: str) -> str:
        return f"in {alertmanager.key_file(self._keys_folder, paging)} on Alertmanager's machine"

    def alerts(self, service: str, environment: str) -> Alerts | None:
        with self._files.still():
            return self._look(service, environment)

    def routes(self, service: str, environment: str, routing: Routing) -> bool:
        _, of_routing = _paths(service, environment)
        with self._files.still():
            return self._is_routed(self._shared(), of_routing, routing)

    def configuration(self, service: str, environment: str) -> str:
        _paths(service, environment)
        with self._files.still():
            shared = self._shared()
        return shared.content.decode(errors="replace") if shared else ""

    def put(
        self, service: str, environment: str, rules: str | None, routing: Routing | None, owner: Owner, revision: str
    ) -> Alerts | None:
        of_rules, of_routing = _paths(service, environment)
        fragment = None if routing is None else (json.dumps(routing, indent=2, sort_keys=True) + "\n").encode()
        with self._files.alone():
            seen = self._look(service, environment)
            if (seen.revision if seen else "") != revision:
                raise Moved(f"the alerts of {service} were changed meanwhile", where=self.url(service, environment))
            if seen and seen.owner.service != owner.service:
                raise Taken(f"the alerts are not {owner.service}'s", where=self.url(service, environment))
            shared = self._derived(of_routing, routing)
            if rules is not None:
                self._swap(of_rules, rules.encode(), owner)
            self._swap(of_routing, fragment, owner)
            self._swap(_SHARED, shared, _NOBODY)
            if rules is None:
                self._swap(of_rules, None, owner)
            return self._look(service, environment)

    def _swap(self, path: str, content: bytes | None, owner: Owner) -> None:
        """Make a file be so; one that is stays as it is, its mark included."""
        seen = self._files.read(path)
        revision = seen.revision if seen else ""
        if content is None:
            self._files.delete(path, revision)
        elif seen is None or seen.content != content or seen.owner is None:
            self._files.write(path, content, owner, revision)
        else:
            self._files.sweep(path)

    def _look(self, service: str, environment: str) -> Alerts | None:
        of_rules, of_routing = _paths(service, environment)
        shared, rules, routing = self._shared(), self._files.read(of_rules), self._files.read(of_routing)
        parts = [part for part in (rules, routing) if part]
        if not parts:
            return None
        found = _routing(routing.content) if routing else None
        files = {"rules": rules, "routing": routing, "shared": shared}
        return Alerts(
            rules=rules.content.decode(errors="replace") if rules else None,
            routing=found,
            routed=found is not None and self._is_routed(shared, of_routing, found),
            owner=_owner(parts, service),
            revision=".".join(part.revision if part else "" for part in (rules, routing)),
            as_left=[name for name, file in files.items() if file and file.as_left],
            absent=[name for name, file in files.items() if not file],
        )

    def _is_routed(self, shared: Owned | None, path: str, routing: Routing) -> bool:
        """Whether the shared file is right about this routing, in the fragment at this path.

        While it is as platformctl left it, what has become of other services' fragments since is theirs to hear of.
        """
        if shared is None:
            return False
        if shared.as_left:
            if self._said is None or self._said[0] != shared.content:
                self._said = (shared.content, alertmanager.read(shared.content.decode()))
            return alertmanager.says(self._said[1], routing, self._keys_folder)
        return shared.content == self._derived(path, routing)

    def _shared(self) -> Owned | None:
        """The file that all services share. Raises `Taken`."""
        shared = self._files.read(_SHARED)
        if shared and shared.owner != _NOBODY:
            raise Taken(
                f"platformctl did not write this {_SHARED}",
                where=str(self._folder / _SHARED),
                hint="Move it away, or name another folder under `alerting:` in platform.yaml",
            )
        return shared

    def _derived(self, path: str, routing: Routing | None) -> bytes | None:
        """The shared file with this routing in one fragment's place; None when there is no fragment then."""
        if self._once and (known := self._known(path, routing)):
            return known
        others = [other for other in self._files.paths("fragments/*/*.json") if other != path]
        fragments = {other: self._fragment(other) for other in others}
        if routing is not None:
            fragments[path] = routing
        if not fragments:
            return None
        return alertmanager.configuration([fragments[at] for at in sorted(fragments)], self._keys_folder).encode()

    def _known(self, path: str, routing: Routing | None) -> bytes | None:
        """The same from what was looked at once; None where that has another routing in this place."""
        if self._fragments is None:
            self._fragments = {other: self._fragment(other) for other in self._files.paths("fragments/*/*.json")}
            routings = [self._fragments[at] for at in sorted(self._fragments)]
            self._as_derived = alertmanager.configuration(routings, self._keys_folder).encode()
        return self._as_derived if routing is not None and self._fragments.get(path) == routing else None

    def _fragment(self, path: str) -> Routing:
        content = self._files.content(path)
        routing = _routing(content) if content is not None else None
        if routing is None:
            service = Path(path).stem
            raise BadConfig(
                "this is no routing any more, and everybody's alerts depend on it",
                where=str(self._folder / path),
                hint=f"platformctl doctor {service} --fix writes it anew",
            )
        return routing


def _routing(fragment: bytes) -> Routing | None:
    """What a fragment says; None when it is damaged."""
    try:
        found = json.loads(fragment)
    except ValueError:
        return None
    if not isinstance(found, dict) or not found.keys() >= _FRAGMENT.keys():
        return None
    if not all(isinstance(found[name], kind) for name, kind in _FRAGMENT.items()):
        return None
    return found if all(isinstance(value, str) for value in found["matchers"].values()) else None


def _owner(parts: list[Owned], service: str) -> Owner:
    """Whose the parts are: somebody else's when one of them is, nobody's when one has no mark."""
    owners = [part.owner or Owner("", "") for part in parts]
    return next((owner for owner in owners if owner.service != service), owners[-1])


def _paths(service: str, environment: str) -> tuple[str, str]:
    for name in (service, environment):
        if not _NAME.fullmatch(name):
            raise NotFound(f"{name!r} cannot be the name of a service or an environment")
    return f"rules/{environment}/{service}.yml", f"fragments/{environment}/{service}.json"
