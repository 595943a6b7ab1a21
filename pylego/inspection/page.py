"""A program as one page of HTML that needs nothing else: totals, pictures, print-out."""

from __future__ import annotations

import html

from pylego.inspection.graph import graph_svg
from pylego.inspection.info import ProgramInfo
from pylego.inspection.memory import memory_of
from pylego.inspection.text import headline, program_text
from pylego.inspection.timeline import origin_colours, timeline_svg
from pylego.inspection.timing import timing_text

# Wide pictures and long lines are scrolled in boxes of their own.
STYLE = """\
.pylego{color-scheme:light dark;font:14px system-ui,sans-serif}
.pylego .box{overflow:auto;max-height:80vh;border:1px solid #8886;border-radius:4px;padding:8px}
.pylego pre{margin:0;font:12px ui-monospace,monospace}
.pylego .key{display:inline-block;width:1em;height:1em;margin:0 .3em 0 1em;border-radius:2px}
"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
{body}
</body>
</html>
"""


def program_html(info: ProgramInfo) -> str:
    """Return the program as an element that fits into a page, or into a notebook."""
    sections = [
        f"<h3>{html.escape(headline(info))}</h3>",
        f"<p>{_key(info)}</p>",
        _section("The arena: each bar is a tensor", timeline_svg(info), True),
        _section("The graph of bricks", graph_svg(info)),
        _section("The program", _text(program_text(info))),
        _section("Memory", _text(str(memory_of(info)))),
    ]
    if info.runs:
        sections.append(_section("Time", _text(timing_text(info))))
    body = "\n".join(sections)
    return f'<div class="pylego">\n<style>{STYLE}</style>\n{body}\n</div>'


def program_page(info: ProgramInfo) -> str:
    """Return the program as a whole page."""
    return PAGE.format(title=html.escape(info.name), body=program_html(info))


def _section(title: str, content: str, is_open: bool = False) -> str:
    opened = " open=''" if is_open else ""
    return (
        f"<details{opened}><summary>{html.escape(title)}</summary>\n"
        f'<div class="box">{content}</div></details>'
    )


def _text(content: str) -> str:
    return f"<pre>{html.escape(content)}</pre>"


def _key(info: ProgramInfo) -> str:
    return " ".join(
        f'<span class="key" style="background:{colour}"></span>{html.escape(origin)}'
        for origin, colour in origin_colours(info).items()
    )
