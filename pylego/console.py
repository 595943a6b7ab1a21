"""What pylego tells people: on the output, or in Python's log where nobody is there to read it.

`config.disable_interactive_logging()` sends progress bars, summaries and notes of callbacks to the
logger 'pylego', at the level INFO. Bars are one line each there.
"""

from __future__ import annotations

from typing import TextIO

_is_interactive = True


def enable() -> None:
    """Tell on the output."""
    global _is_interactive
    _is_interactive = True


def disable() -> None:
    """Tell in the log."""
    global _is_interactive
    _is_interactive = False


def is_enabled() -> bool:
    """Return whether pylego tells on the output."""
    return _is_interactive


def tell(text: str, end: str = "\n", file: TextIO | None = None) -> None:
    """Print a text, or log it.

    Args:
        text: what is told.
        end: what is printed behind it.
        file: where it is printed; by default the standard output.
    """
    if _is_interactive:
        print(text, end=end, file=file, flush=True)
    elif text.strip():
        import logging  # not needed on the output

        logging.getLogger("pylego").info(text.strip())
