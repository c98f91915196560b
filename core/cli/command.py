"""What a command of `python -m core` is: its name, its arguments and the function that does it."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Result = tuple[Any, str | None]  # JSON values and text; the text is None where a command has printed all by itself


@dataclass(frozen=True)
class Command:
    """One command.

    Args:
        name: After `python -m core`.
        words: What it does, for --help.
        run: Does it. Of what is parsed, `home` is the workspace's folder (Path) and `json` whether the result is
            printed so; the rest is what `add_arguments` declares.
        add_arguments: Declares its arguments; catalogues are read then and not before.
    """

    name: str
    words: str
    run: Callable[[argparse.Namespace], Result]
    add_arguments: Callable[[argparse.ArgumentParser], None]
