"""How blocks stand in JupyterLab and in a page: HTML in which all text is escaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from html import escape

import polars as pl

from kpitools.visuals import blocks
from kpitools.visuals.blocks import BLOCK
from kpitools.visuals.icon_marks import draw_icon
from kpitools.visuals.spark import spark_svg
from kpitools.visuals.theme import FONT, INK, MUTED, STATUS_COLOURS, SURFACE, TONE_COLOURS

_BODY = f"font-family:{FONT};color:{INK};max-width:860px"
_HEADLINE = "font-size:150%;font-weight:600;overflow-wrap:anywhere"
LONG_WORD = 24
"""A longer word than this may be broken, so that a table keeps its width."""
_SMALL = f"font-size:85%;color:{MUTED}"


def html_of(block: blocks.Block) -> str:
    """Return a block as a piece of HTML; text in it is never markup.

    Example:
        >>> html_of(blocks.NoteBlock(text="2 < 3")).endswith("2 &lt; 3</p>")
        True
    """
    if isinstance(block, blocks.TableBlock):
        return table_html(block)
    if isinstance(block, blocks.CardsBlock):
        return _cards(block)
    if isinstance(block, blocks.ListBlock):
        return _list(block)
    if isinstance(block, blocks.SentenceBlock):
        size = (
            "font-size:150%;font-weight:600;overflow-wrap:anywhere"
            if block.headline
            else "font-size:105%"
        )
        return f'<p style="{_BODY};{size}">{escape(block.text)}</p>'
    if isinstance(block, blocks.ValuesBlock):
        names = ", ".join(item.kpi for item in block.values)
        return f'<p style="{_BODY};{_SMALL}">Recorded for the manifest: {escape(names)}</p>'
    text = block.text if isinstance(block, blocks.NoteBlock) else ""
    return (
        f'<p style="{_BODY};background:{SURFACE};padding:.5em .8em;'
        f'border-left:3px solid {MUTED}">{escape(text)}</p>'
    )


def table_html(block: blocks.TableBlock) -> str:
    """Return a table as the HTML of Great Tables, with a fixed id and everything escaped.

    Example:
        >>> column = blocks.Column(key="team", label="Team")
        >>> html = table_html(blocks.TableBlock(title="Teams", columns=(column,),
        ...     rows=((blocks.Cell(text="<script>"),),)))
        >>> "&lt;script&gt;" in html, "<script>" in html
        (True, False)
    """
    import great_tables as gt

    names = [f"c{place}" for place in range(len(block.columns))]
    texts = {name: [str(index) for index in range(len(block.rows))] for name in names}
    head = next((n for n, c in zip(names, block.columns, strict=True) if c.header), None)
    table = gt.GT(pl.DataFrame(texts), rowname_col=head, id=table_id(block))
    table = table.tab_header(title=block.title, subtitle=block.subtitle or None)
    for place, (name, column) in enumerate(zip(names, block.columns, strict=True)):
        table = table.fmt(_cell_writer(block, place), columns=name)
        table = table.cols_align(align=column.align, columns=name)
        if name != head:
            table = table.cols_label({name: column.label})
        else:
            table = table.tab_stubhead(label=column.label)
    if block.legend:
        table = table.tab_source_note(gt.html(_legend(block.legend)))
    for line in (*block.notes, block.source):
        table = table.tab_source_note(line) if line else table
    return str(
        table.opt_table_font(font=FONT)
        .tab_options(
            table_font_size="13px",
            heading_align="left",
            heading_title_font_weight="600",
            column_labels_font_weight="600",
            data_row_padding="5px",
            table_border_top_style="none",
            stub_border_style="none",
        )
        .as_raw_html()
    )


def table_id(block: blocks.TableBlock) -> str:
    """Return an identifier that depends on the table's content alone.

    Example:
        >>> table_id(blocks.TableBlock(title="Teams", columns=(), rows=()))
        'kpi-...'
    """
    return "kpi-" + sha256(BLOCK.dump_json(block)).hexdigest()[:10]


def _cell_writer(block: blocks.TableBlock, place: int) -> Callable[[str], str]:
    return lambda index: cell_html(block.rows[int(index)][place])


def cell_html(cell: blocks.Cell) -> str:
    """Return one cell: its icons, its text, its mark, its small line and its second line.

    Example:
        >>> cell_html(blocks.Cell(text="82.4 %"))
        '82.4 %'
    """
    text = escape(cell.text)
    if cell.status is not None:
        colour = STATUS_COLOURS[cell.status]
        text = (
            f'<span style="border:1px solid {colour};border-radius:3px;color:{colour};'
            f'padding:0 .4em;white-space:nowrap">{text}</span>'
        )
    elif cell.tone is not None:
        text = f'<span style="color:{TONE_COLOURS[cell.tone]}">{text}</span>'
    if cell.link:
        text = f'<a href="{escape(cell.link)}">{text}</a>'
    if cell.spark:
        text = f'<span role="img" aria-label="{text}" title="{text}">{spark_svg(cell)}</span>'
    elif max(map(len, cell.text.split()), default=0) > LONG_WORD:
        text = f'<span style="overflow-wrap:anywhere">{text}</span>'
    icons = _icons(cell.icons)
    second = f"{icons} {escape(cell.sub)}" if cell.icons_below else escape(cell.sub)
    below = f'<div style="{_SMALL}">{second.strip()}</div>' if second.strip() else ""
    if not icons or cell.icons_below:
        return f"{text}{below}"
    return f'<div style="display:flex;gap:.5em">{icons}<div>{text}{below}</div></div>'


def _icons(marks: Sequence[blocks.Mark], *, size: int = 18) -> str:
    drawn = "".join(draw_icon(mark, size=size) for mark in marks)
    return f'<span style="flex:none;white-space:nowrap">{drawn}</span>' if drawn else ""


def _legend(items: Sequence[blocks.Cell]) -> str:
    """Return the icons of a table with their words; the words alone are read out."""
    return "".join(
        '<span style="display:inline-flex;gap:.4em;margin-right:1.2em;align-items:center">'
        f'<span aria-hidden="true">{_icons(item.icons, size=16)}</span>{escape(item.text)}</span>'
        for item in items
    )


def _cards(block: blocks.CardsBlock) -> str:
    cards = []
    for card in block.cards:
        colour = TONE_COLOURS[card.tone or "neutral"]
        cards.append(
            f'<div style="background:{SURFACE};padding:.6em .9em;border-radius:4px;flex:1 1 150px">'
            f'<div style="{_SMALL}">{escape(card.label)}</div>'
            f'<div style="font-size:170%;font-weight:600">{escape(card.value)} '
            f"{_icons(card.icons, size=22)}</div>"
            f'<div style="font-size:85%;color:{colour}">{escape(card.detail)}</div></div>'
        )
    return f'<div style="{_BODY};display:flex;flex-wrap:wrap;gap:.8em">{"".join(cards)}</div>'


def _list(block: blocks.ListBlock) -> str:
    tag = "ol" if block.ordered else "ul"
    items = "".join(f"<li>{cell_html(item)}</li>" for item in block.items)
    body = f"<{tag}>{items}</{tag}>" if items else f"<p>{escape(block.empty)}</p>"
    return f'<div style="{_BODY}"><strong>{escape(block.title)}</strong>{body}</div>'
