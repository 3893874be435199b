"""One cookiecutter template, rendered in memory.

cookiecutter's own entry point is not used: it runs hooks and extensions, reads the user's configuration, changes
the working folder, and evaluates text from people a second time. Its template format is, and its filters, which load
when a template uses them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from platformctl.errors import BadRecipe
from platformctl.folders import is_outside
from platformctl.model import File, Json
from platformctl.renderers.text import FILTERS

_OF_COOKIECUTTER: Final = ("jsonify", "slugify")
"""Its filters that say the same every time; its others are clocks and dice."""


class Template:
    """The folder `name` of a recipe's folder `root`. Raises `BadRecipe` for one that could do more than give files."""

    def __init__(self, root: Path, name: str) -> None:
        self.folder = (root / name).resolve()
        if not self.folder.is_relative_to(root.resolve()):
            raise BadRecipe(f"the template {name!r} is outside of the recipe's folder", where=str(root))
        if (self.folder / "hooks").exists():
            raise BadRecipe("hooks are not run; remove them", where=str(self.folder / "hooks"))
        self._check_context()
        if link := next((path for path in self.folder.rglob("*") if path.is_symlink()), None):
            raise BadRecipe("links are not followed; use a file or a folder", where=str(link))
        roots = [
            child
            for child in self.folder.iterdir()
            if "cookiecutter." in child.name and "{{" in child.name and child.is_dir()
        ]
        if len(roots) != 1:
            raise BadRecipe(
                f"a template has one folder named {{{{cookiecutter.…}}}}, not {len(roots)}",
                where=str(self.folder),
            )
        self._root = roots[0]

    def _check_context(self) -> None:
        file = self.folder / "cookiecutter.json"
        try:
            context = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BadRecipe("there is no cookiecutter.json", where=str(self.folder)) from None
        except ValueError as problem:
            raise BadRecipe(f"not JSON: {problem}", where=str(file)) from None
        if not isinstance(context, dict):
            raise BadRecipe("it is not a JSON object", where=str(file))
        if private := [key for key in context if key.startswith("_")]:
            raise BadRecipe(f"{private[0]!r} is not allowed: it can run code", where=str(file))

    def render(self, values: Mapping[str, Json]) -> Iterator[tuple[str, File]]:
        """Every file by its path. Raises `BadRecipe`, with the template's line, for what does not render."""
        context = {"cookiecutter": dict(values)}
        for source in self._sources:
            path = source.path(context)
            _check_path(path, source.file)
            yield path, File(source.content(context), source.executable)

    @cached_property
    def _sources(self) -> Sequence[_Source]:
        environment = _environment(self._root)
        return [_Source(environment, self._root, file) for file in self._files()]

    def _files(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self._root, followlinks=False):
            folders[:] = sorted(set(folders) - {"__pycache__"})
            yield from (Path(folder, name) for name in sorted(files))


class _Source:
    """One file of a template. Path and content are compiled when they are first rendered."""

    def __init__(self, environment: Any, root: Path, file: Path) -> None:
        self.file = file
        self.executable = os.access(file, os.X_OK)
        self._environment = environment
        self._path = file.relative_to(root).as_posix()
        self._raw = file.read_bytes()

    def path(self, context: Mapping[str, Any]) -> str:
        """Where the file goes."""
        return self._rendered(self._name, self._path, context)

    def content(self, context: Mapping[str, Any]) -> bytes:
        """What is in it; a file that is no text stays as it is."""
        text = self._text
        return self._raw if text is None else self._rendered(self._body, text, context).encode()

    @cached_property
    def _text(self) -> str | None:
        """The text of a file in which there is something to render."""
        if b"\0" in self._raw:
            return None
        try:
            text = self._raw.decode()
        except UnicodeDecodeError:
            return None
        return text if _is_template(text) else None

    @cached_property
    def _name(self) -> Any:
        return self._compiled(self._path)

    @cached_property
    def _body(self) -> Any:
        return self._compiled(self._text or "")

    def _compiled(self, text: str) -> Any:
        from jinja2 import TemplateError

        if not _is_template(text):
            return None
        try:
            return self._environment.from_string(text)
        except TemplateError as problem:
            raise BadRecipe(f"{problem}", where=f"{self.file}:{getattr(problem, 'lineno', None) or 1}") from None

    def _rendered(self, template: Any, text: str, context: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError

        if template is None:
            return text
        try:
            rendered: str = template.render(context)
        except TemplateError as problem:
            line = getattr(problem, "lineno", None) or _line(problem)
            raise BadRecipe(f"{problem}", where=f"{self.file}:{line}") from None
        except Exception as problem:
            # A template can raise anything that Python can; it is the template's fault.
            raise BadRecipe(f"{type(problem).__name__}: {problem}", where=f"{self.file}:{_line(problem)}") from None
        return rendered


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text


def _line(problem: BaseException) -> int:
    """The template's line: that of the last frame which Jinja mapped back to a template."""
    line, frame = 1, problem.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == "<template>":
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def _environment(root: Path) -> Any:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, loader=FileSystemLoader(root)
    )
    environment.filters.update({name: _of_cookiecutter(name) for name in _OF_COOKIECUTTER})
    environment.filters.update(FILTERS)
    del environment.globals["lipsum"], environment.filters["random"]
    return environment


def _of_cookiecutter(name: str) -> Callable[..., str]:
    def filtered(*arguments: Any, **options: Any) -> str:
        from cookiecutter.environment import StrictEnvironment

        return str(StrictEnvironment().filters[name](*arguments, **options))

    return filtered


def _check_path(path: str, source: Path) -> None:
    if is_outside(path):
        raise BadRecipe(f"the path {path!r} is outside of the repository", where=str(source))
