"""Read a sheet of a workbook; cells that hold only a time of day come as `hh:mm:ss`."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from kpitools.errors import SourceError, suggest
from kpitools.sources.declaration import FormatConfig
from kpitools.sources.raw import LINE, RawFile, Target, column_names

_TIME_OF_DAY = r"^1899-12-3[01] (\d{2}:\d{2}:\d{2}(?:\.\d+)?)$"


def read_xlsx(path: Path, form: FormatConfig, *, name: str, target: Target) -> RawFile:
    """Read one sheet (xlsx, xlsm, xlsb, xls or ods) as text, dates in ISO form.

    Workbooks keep a time or a duration under 24 hours as the date-time 1899-12-31 hh:mm:ss; it
    becomes `hh:mm:ss` again. A longer duration stays a date-time of January 1900, which
    durations with `unit: hh:mm:ss` or `excel_time` understand.

    Args:
        path: the workbook.
        form: its declared format; `sheet` and `skip_rows` count.
        name: what findings call it.
        target: where the rows go, and which columns are wanted.

    Raises:
        SourceError: not a workbook, or no such sheet.
    """
    cells = _cells(path, form, name)
    header = cells.row(form.skip_rows) if cells.height > form.skip_rows else ()
    columns, repeated = column_names(header)
    first = form.skip_rows + 1
    body = cells.slice(first).with_row_index(LINE, offset=first + 1)
    body = body.with_columns(pl.col(LINE).cast(pl.Int64))
    filled = pl.any_horizontal(pl.exclude(LINE).str.strip_chars().fill_null("") != "")
    rows = body.filter(filled) if columns else body.clear()
    chosen = [
        pl.nth(index + 1).str.replace(_TIME_OF_DAY, "$1").alias(f"c{index}")
        for index, _ in target.chosen(columns)
    ]
    return RawFile(
        name=name,
        columns=columns,
        frame=target.write([rows.select(*chosen, LINE)], ()),
        rows=rows.height,
        blank=body.height - rows.height,
        repeated=repeated,
        workbook=True,
    )


def _cells(path: Path, form: FormatConfig, name: str) -> pl.DataFrame:
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        names = book.sheet_names
        if form.sheet is not None and form.sheet not in names:
            raise SourceError(
                f"the workbook has no sheet '{form.sheet}'",
                where=name,
                found=", ".join(names),
                fix=suggest(form.sheet, names),
            )
        sheet = book.load_sheet(
            form.sheet or names[0], header_row=None, skip_rows=0, dtypes="string"
        )
        return pl.DataFrame(sheet.to_polars())
    except fastexcel.FastExcelError as error:
        raise SourceError(
            "not a readable workbook", where=name, found=str(error).splitlines()[0]
        ) from error
