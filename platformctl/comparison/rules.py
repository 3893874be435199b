"""The rules by which a change of a golden path is breaking, a feature or a fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from platformctl.model import Json


class Level(StrEnum):
    """What a change is to services, what asks for the larger version first."""

    BREAKING = "breaking"
    FEATURE = "feature"
    FIX = "fix"

    @property
    def asks_for(self) -> Bump:
        """The smallest version that may have such a change."""
        return {Level.BREAKING: Bump.MAJOR, Level.FEATURE: Bump.MINOR, Level.FIX: Bump.PATCH}[self]


class Bump(StrEnum):
    """How one version differs from another, the largest first."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


class Rule(Enum):
    """What a change is, and what that means to a service that is upgraded."""

    INPUT_REMOVED = Level.BREAKING, "-", "An input is gone. Whoever answers it is refused."
    INPUT_RENAMED = Level.BREAKING, "~", "An input has another name, as the migration says."
    INPUT_REQUIRED = Level.BREAKING, "~", "An input has to be answered that could be left out, or was not there."
    INPUT_NARROWED = Level.BREAKING, "~", "An input accepts less: another type, a value or a range that is gone."
    INPUT_ADDED = Level.FEATURE, "+", "A new input, which may be left out."
    INPUT_WIDENED = Level.FEATURE, "~", "An input accepts more."
    INPUT_OPTIONAL = Level.FEATURE, "~", "An input may be left out that had to be answered."
    INPUT_DEFAULT = Level.FEATURE, "~", "Another default. Answers that were given stay; who gave none gets another one."
    INPUT_DESCRIBED = Level.FIX, "~", "Another description of an input."

    STEP_REMOVED = Level.BREAKING, "-", "A step is gone. What it makes is not made any more, nor kept up."
    STEP_REPLACED = Level.BREAKING, "~", "A step uses another action, and makes other things."
    STEP_LEFT_OUT = Level.BREAKING, "-", "A step is left out in a case of the grid in which it was taken."
    STEP_ADDED = Level.FEATURE, "+", "A new step. What it makes is new."
    STEP_TAKEN = Level.FEATURE, "+", "A step is taken in a case of the grid in which it was left out."
    STEP_RENEWED = Level.FEATURE, "~", "A step uses another version of its action, such as `dashboard@2`."
    STEP_MOVED = Level.FEATURE, "~", "A step is on another plane, under which people look for it."
    STEP_ASKS_OTHERWISE = Level.FEATURE, "~", "A step that makes something in the world is given other values."
    STEP_RENDERS_FROM = Level.FIX, "~", "A step that renders is given other values. What comes of it is compared too."
    STEP_RENDERS = Level.FIX, "~", "What a step renders for another step is different: a dashboard, rules, an entry."

    FILE_REMOVED = Level.BREAKING, "-", "A managed or merged file is gone. What refers to it is left with nothing."
    FILE_RENAMED = (
        Level.BREAKING,
        "~",
        "A managed or merged file is elsewhere. What refers to its old path has to follow.",
    )
    FILE_TAKEN_OVER = Level.BREAKING, "~", "A file becomes managed. What a team has changed in it becomes drift."
    FILE_ADDED = Level.FEATURE, "+", "A new file."
    FILE_KEPT_OTHERWISE = Level.FEATURE, "~", "A file is kept less strictly, or is merged into from now on."
    FILE_CHANGED = Level.FIX, "~", "A managed or merged file is different."
    SEEDED_FILE_CHANGED = Level.FIX, "~", "A seeded file is different. Only new services get it."
    SEEDED_FILE_REMOVED = Level.FIX, "-", "A seeded file is gone or elsewhere. Who has it keeps it."

    OUTPUT_REMOVED = Level.BREAKING, "-", "An output is gone."
    OUTPUT_ADDED = Level.FEATURE, "+", "A new output."
    OUTPUT_CHANGED = Level.FIX, "~", "An output says something else."

    EXTENSION_POINT_REMOVED = Level.BREAKING, "-", "An extension point is gone. Overrides there are marked as outside."
    EXTENSION_POINT_NARROWED = Level.BREAKING, "~", "An extension point accepts less."
    EXTENSION_POINT_ADDED = Level.FEATURE, "+", "A new extension point."
    EXTENSION_POINT_WIDENED = Level.FEATURE, "~", "An extension point accepts more."
    EXTENSION_POINT_DESCRIBED = Level.FIX, "~", "Another description of an extension point."

    PROOF_REMOVED = Level.BREAKING, "-", "Services cannot be proven any more."
    PROOF_ADDED = Level.FEATURE, "+", "Services can be proven."
    PROOF_CHANGED = Level.FIX, "~", "Services are proven otherwise."

    def __init__(self, level: Level, sign: str, about: str) -> None:
        self.level = level
        self.sign = sign
        """`+`, `~` or `-`."""
        self.about = about

    @property
    def id(self) -> str:
        """The rule's name, as it is shown: `input-removed`."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True)
class Changed:
    """One change from a version to a later one."""

    rule: Rule
    target: str
    """What it is about, as a deprecation names it: `input:tier`, `file:Dockerfile`, `step:alerts`."""
    how: str = ""
    """What it was and what it is, in short."""

    @property
    def level(self) -> Level:
        """What it is to services."""
        return self.rule.level

    @property
    def said(self) -> str:
        """In one line: `input:tier: input-removed (its default was standard)`."""
        return f"{self.target}: {self.rule.id}{f' ({self.how})' if self.how else ''}"

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "target": self.target,
            "level": self.level.value,
            "rule": self.rule.id,
            "how": self.how,
            "about": self.rule.about,
        }
