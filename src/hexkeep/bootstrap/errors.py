"""What is wrong with a configuration, told so that the person who wrote it can mend it."""

from dataclasses import dataclass

from hexkeep.core.kernel.errors import HexkeepError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. ``setting`` is a dotted path, ``origin`` says where its value came from; both may be empty."""

    message: str
    setting: str = ""
    origin: str = ""

    def __str__(self) -> str:
        """One line: the setting, what is wrong, where to mend it."""
        start = f"{self.setting}: " if self.setting else ""
        end = f" ({self.origin})" if self.origin else ""
        return f"{start}{self.message}{end}"


class ConfigurationError(HexkeepError):
    """The program cannot start as it is configured. ``problems`` are all that were found, never only the first."""

    code = "configuration"
    status = 500
    rpc = "FAILED_PRECONDITION"
    title = "The configuration is not valid"

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))
