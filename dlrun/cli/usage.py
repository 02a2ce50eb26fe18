"""What to do about a command line that cannot be parsed, beyond what the parser knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlrun.errors import InputError

if TYPE_CHECKING:
    from dlrun.spec.component import Component

_COMMANDS = {
    "use dlrun train": ("begin", "fit", "run", "start"),
    "use dlrun evaluate": ("eval", "score", "test"),
    "use dlrun predict": ("apply", "infer", "inference"),
    "use dlrun tune": ("hpo", "optimize", "search", "sweep"),
    "use dlrun check": ("lint", "summary", "validate"),
    "use dlrun runs": ("list", "ls"),
    "set data.split.folds, and use dlrun train": ("cross-validate", "cross_validate", "cv"),
    "use dlrun --version": ("version",),
}
"""By advice, commands of other programs."""


_PLAIN = {
    r"^Value error, ": "",
    r"^Input should be greater than or equal to ": "must be at least ",
    r"^Input should be less than or equal to ": "must be at most ",
    r"^Input should be a valid (integer|number).*": "must be a whole number",
    r"^Input should be ": "must be ",
}
"""Messages of the parser's validation, and the words that replace them."""


def usage_advice(error: Exception) -> str:
    """What to do about an option or command that does not exist; empty if that is not known.

    Args:
        error: of the command line's parser.
    """
    context = getattr(error, "ctx", None)
    command = re.match(r"No such command '(.+?)'", str(error))
    if command is not None:
        return next((what for what, names in _COMMANDS.items() if command[1] in names), "")
    option = getattr(error, "option_name", None)
    takes = [each.metavar for each in context.command.params] if context is not None else []
    name = "" if context is None else context.info_name
    if option is None or "KEY=VALUE" not in takes or name == "study":  # whose keys are of a space
        return ""
    if option in ("--config", "--spec", "--file", "-c", "-f"):
        return f"write the file alone, such as dlrun {name} {takes[0].lower()}.yaml"
    return _of_key(option.lstrip("-").replace("-", "_"), _section_of(name))


def missing(error: Exception) -> str:
    """What is missing, by the name that the help uses; empty for other errors.

    Args:
        error: of the command line's parser.
    """
    parameter = getattr(error, "param", None)
    if parameter is None or not str(error).startswith("Missing parameter"):
        return ""
    name = parameter.metavar or parameter.name.upper()
    what = (getattr(parameter, "help", None) or "").partition(".")[0]
    if what[1:2].islower():  # not an abbreviation
        what = f"{what[0].lower()}{what[1:]}"
    return f"{name} is missing: {what}" if what else f"{name} is missing"


def one_form(**forms: bool) -> None:
    """Check that at most one form of output is asked for.

    Args:
        forms: whether each is, by the name of its option.

    Raises:
        InputError: several are; the message names them.
    """
    asked = [f"--{name}" for name, is_asked in forms.items() if is_asked]
    if len(asked) > 1:
        raise InputError(f"{' and '.join(asked)} exclude each other; use one of them")


def unusable(error: Exception) -> str:
    """What is wrong with the value of an option, with its name; empty for other errors.

    Args:
        error: of the command line's parser.
    """
    names = getattr(getattr(error, "param", None), "opts", ())
    message = str(error)
    if not names or message.startswith("Missing parameter"):
        return ""
    name = names[0] if names[0].startswith("-") else error.param.metavar  # type: ignore[attr-defined]
    for pattern, words in _PLAIN.items():
        message = re.sub(pattern, words, message)
    return f"{name} {message}" if message.startswith("must") else f"{name}: {message}"


def _section_of(command: str) -> type[Component]:
    """The section whose keys a command takes; imported late, since most calls need neither."""
    if command in ("tune", "suggest"):
        from dlrun.study.sweep.sweep import Sweep

        return Sweep
    from dlrun.experiment.experiment import Experiment

    return Experiment


def _of_key(key: str, cls: type[Component]) -> str:
    """What to do about a key of a spec or sweep that is written as an option."""
    from dlrun.spec.other_keys import advice

    if key in cls.model_fields:
        return f"write {key}=VALUE, without --"
    text = advice(key, cls)
    if (path := re.fullmatch(r"it belongs under '.*': (.*)", text)) is not None:
        return f"write {path[1]}=VALUE, without --"
    return text if text.startswith(("did you mean", "remove it")) else ""
