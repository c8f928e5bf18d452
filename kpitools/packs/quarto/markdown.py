r"""Text becomes Markdown that says this text and nothing else.

Every mark of ASCII is escaped, so no shortcode, YAML block, div, fence, link, picture,
formula or HTML can begin, whatever the text holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kpitools.packs.cleaning import bounded, breakable, clean_text
from kpitools.packs.fonts import visible
from kpitools.visuals.blocks import Cell, Status, TableBlock
from kpitools.visuals.icon_marks import with_icons

_MARK = re.compile(r"[!-/:-@\[-`{-~]")
_BRACES = re.compile(r"([{}])(?=\1)")
_SPACES = re.compile(r"  +|^ ")
NO_BREAK_SPACE = "\u00a0"
WORD_JOINER = "\u2060"
"""Has no width: between two braces it keeps them from ever being read as a shortcode."""
STATUS_WORDS: dict[Status, str] = {
    "met": "✓ met",
    "within": "~ in range",
    "outside": "× outside",  # noqa: RUF001 - the sign that packs use
    "not_judged": "? too few",
    "no_target": "– no target",  # noqa: RUF001 - the dash that stands for nothing
    "no_data": "– no data",  # noqa: RUF001 - the same
}


def shown(text: str) -> str:
    r"""Make a text one line that fonts can set: what cannot be seen is told.

    Example:
        >>> shown("two\nlines \x07")
        'two lines'
    """
    return _settable(" ".join(clean_text(text).split()))


def _settable(text: str) -> str:
    return _BRACES.sub(rf"\1{WORD_JOINER}", visible(breakable(bounded(text))))


def escape(text: str) -> str:
    r"""Write a text as Markdown on one line.

    Example:
        >>> print(escape("# <b> $(id)"))
        \# \<b\> \$\(id\)
    """
    return _MARK.sub(lambda found: f"\\{found[0]}", shown(text))


def strong(text: str) -> str:
    r"""Write a text as bold Markdown; nothing for nothing.

    Example:
        >>> strong("to*day"), strong(" ")
        ('**to\\*day**', '')
    """
    words = escape(text)
    return f"**{words}**" if words else ""


def lines_of(lines: Sequence[str]) -> str:
    r"""Write lines that break where they did, with their indents.

    Example:
        >>> lines_of(["if x:", "  y"]).split(NO_BREAK_SPACE)
        ['if x\\:\\\n', '', 'y']
    """
    kept = [_keep_spaces(line) for line in lines]
    return "\\\n".join(line or NO_BREAK_SPACE for line in kept)


def _keep_spaces(line: str) -> str:
    text = _settable(clean_text(line).replace("\t", "    ").replace("\n", " "))
    spaced = _SPACES.sub(lambda found: NO_BREAK_SPACE * len(found[0]), text.rstrip())
    return _MARK.sub(lambda found: f"\\{found[0]}", spaced)


def bullets(items: Sequence[str], *, ordered: bool = False) -> str:
    r"""Write texts as a list.

    Example:
        >>> print(bullets(["one", "two"], ordered=True))
        1. one
        2. two
    """
    marks = (f"{number}." if ordered else "-" for number in range(1, len(items) + 1))
    texts = (escape(item) or NO_BREAK_SPACE for item in items)
    return "\n".join(f"{mark} {text}" for mark, text in zip(marks, texts, strict=True))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, columns: str = "") -> str:
    r"""Write texts as a pipe table.

    Args:
        head: the headings.
        rows: the cells' texts; missing ones are empty, surplus ones left out.
        columns: `l`, `r` or `c` for each column; left when not given.

    Example:
        >>> print(table(["Team", "AHT"], [["a|b", "344 s"]], columns="lr"))
        | Team | AHT |
        | :---------- | ----------: |
        | a\|b | 344 s |
    """
    if not head:
        return ""
    rules = [_rule(mark, 1.0) for mark in columns.ljust(len(head), "l")]
    return "\n".join(_table_lines(head, rules, rows))


def _rule(align: str, width: float) -> str:
    dashes = "-" * max(3, round(10 * width))
    return {"r": f"{dashes}:", "c": f":{dashes}:"}.get(align, f":{dashes}")


def _table_lines(
    head: Sequence[str], rules: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    yield _row([escape(text) for text in head])
    yield _row(rules)
    for row in rows:
        yield _row([escape(text) for text in [*row, *[""] * len(head)][: len(head)]])


def _row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"


def table_block(block: TableBlock) -> str:
    """Write a table with its title above it and its notes and source below."""
    kept = [at for at in range(len(block.columns)) if not _is_drawn(block, at)]
    columns = [block.columns[at] for at in kept]
    rules = [_rule(column.align[0], column.width) for column in columns]
    rows = [[cell_text(row[at]) if at < len(row) else "" for at in kept] for row in block.rows]
    lines = _table_lines([column.label for column in columns], rules, rows)
    whole = "\n".join(lines) if columns else ""
    meaning = escape("; ".join(item.text for item in block.legend))
    head = heading(block.title, block.subtitle)
    return paragraphs(head, whole, meaning, under(block.notes, block.source))


def _is_drawn(block: TableBlock, at: int) -> bool:
    """Tell whether a column holds nothing but small drawings, which Quarto's tables cannot."""
    cells = [row[at] for row in block.rows if at < len(row)]
    return bool(cells) and all(cell.spark is not None and not cell.sub for cell in cells)


def heading(title: str, subtitle: str) -> str:
    """Write a title in bold with its second line."""
    return "\\\n".join(part for part in (strong(title), escape(subtitle)) if part)


def under(notes: Sequence[str], source: str) -> str:
    """Write what stands below a table or chart."""
    return escape(" ".join(part for part in (*notes, source) if part))


def cell_text(cell: Cell) -> str:
    """Give the text of a table's cell: its words, its icons, what they mean, its second line.

    Example:
        >>> cell_text(Cell(text="82.4 %", status="met", sub="of 344"))
        '82.4 % (✓ met), of 344'
        >>> cell_text(Cell(text="✓ met", status="met"))
        '✓ met'
    """
    if cell.spark is not None and cell.sub:
        return cell.sub
    word = STATUS_WORDS[cell.status] if cell.status else ""
    told = word.partition(" ")[2] in cell.text
    text = cell.text if told else f"{cell.text} ({word})" if cell.text else word
    text = with_icons(text, cell.icons, below=cell.icons_below)
    if not (cell.sub and text):
        return text or cell.sub
    return f"{text} ({cell.sub})" if text.endswith((".", "!", "?")) else f"{text}, {cell.sub}"


def paragraphs(*parts: str) -> str:
    """Put parts below each other with an empty line between; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)
