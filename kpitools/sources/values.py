"""Numbers, money, durations and flags out of text or typed columns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from kpitools.sources.declaration import ColumnConfig, FormatConfig

SPACES = "[ \u00a0\u202f\u2009]"
SYMBOLS = r"^\s*[\p{Sc}A-Z]{0,4}\s*|\s*[\p{Sc}A-Z]{0,4}\s*$"
PER_UNIT = {"ms": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
DAY_MS = 86_400_000
CLOCK = {
    "hh:mm:ss": r"^(-)?(\d+):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3})\d*)?$",
    "hh:mm": r"^(-)?(\d+):(\d{1,2})()()$",
    "mm:ss": r"^(-)?()(\d+):(\d{1,2})(?:[.,](\d{1,3})\d*)?$",
}
WORKBOOK_DATE = r"^(?:1899-12-3[01]|1900-01-\d{2})[ T]\d{2}:\d{2}:\d{2}"
LARGEST = 2.0**53
_EPOCHS = {"excel_time": "1899-12-31", "epoch_1970": "1970-01-01"}


@dataclass(frozen=True)
class Marks:
    """Declared marks and words, a column's own before those of its source."""

    decimal: str
    thousands: str
    true: tuple[str, ...]
    false: tuple[str, ...]
    missing: tuple[str, ...]

    @classmethod
    def of(cls, column: ColumnConfig, form: FormatConfig) -> Marks:
        """Return the marks that count for one column."""
        return cls(
            form.decimal if column.decimal is None else column.decimal,
            form.thousands if column.thousands is None else column.thousands,
            form.true if column.true is None else column.true,
            form.false if column.false is None else column.false,
            form.missing if column.missing is None else column.missing,
        )

    def with_plain_words(self) -> Marks:
        """Let `true` and `false` count beside the declared words."""
        return replace(self, true=(*self.true, "true"), false=(*self.false, "false"))


def number(text: pl.Expr, marks: Marks) -> pl.Expr:
    """Read a number; null where the text is none, or its marks do not group by thousands.

    Example:
        >>> marks = Marks(",", ".", (), (), ())
        >>> pl.Series(["1.234,5", "1.23", "n/a"]).to_frame("x").select(
        ...     number(pl.col("x"), marks)).to_series().to_list()
        [1234.5, None, None]
    """
    thousands = SPACES if marks.thousands == " " else f"[{marks.thousands}]"
    decimal = f"[{marks.decimal}]"
    plain = rf"^[+-]?(\d+({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d{{1,3}})?$"
    good = text.str.contains(plain)
    if marks.thousands:
        grouped = rf"^[+-]?\d{{1,3}}({thousands}\d{{2,3}})*{thousands}\d{{3}}({decimal}\d+)?$"
        good = good | text.str.contains(grouped)
        text = text.str.replace_all(thousands, "")
    if marks.decimal == ",":
        text = text.str.replace(",", ".", literal=True)
    read = text.cast(pl.Float64, strict=False)
    return pl.when(good & read.is_finite()).then(read)


def whole(read: pl.Expr) -> pl.Expr:
    """Turn a Float64 into an integer, halves away from zero; null where it has none.

    What binary floats lose in the last digits of a decimal is put right first.

    Example:
        >>> pl.Series([2.5, -2.5, 0.285 * 100, 1e300]).to_frame("x").select(
        ...     whole(pl.col("x"))).to_series().to_list()
        [3, -3, 29, None]
    """
    exact = pl.when(read.abs() <= LARGEST).then(read)
    near = exact.round(6)
    rounded = (near.abs() + 0.5).floor() * near.sign()
    return pl.when(exact == exact.round(0)).then(exact).otherwise(rounded).cast(pl.Int64)


def money(text: pl.Expr, marks: Marks, *, digits: int) -> pl.Expr:
    """Read an amount as integer minor units; currency signs around it do not matter.

    Example:
        >>> marks = Marks(".", ",", (), (), ())
        >>> pl.select(money(pl.lit("€ 1,234.50"), marks, digits=2)).item()
        123450
    """
    plain = text.str.replace(r"^\((.*)\)$", "-$1")
    sign = pl.when(plain.str.starts_with("-")).then(-1.0).otherwise(1.0)
    amount = number(plain.str.strip_prefix("-").str.replace_all(SYMBOLS, ""), marks)
    return whole(sign * amount * 10.0**digits)


def flag(text: pl.Expr, marks: Marks) -> pl.Expr:
    """Read true and false words, whatever their case.

    Example:
        >>> marks = Marks(".", "", ("Y",), ("N",), ())
        >>> pl.Series(["y", "N", "?"]).to_frame("x").select(
        ...     flag(pl.col("x"), marks)).to_series().to_list()
        [True, False, None]
    """
    lower = text.str.to_lowercase()
    true = lower.is_in([word.lower() for word in marks.true])
    false = lower.is_in([word.lower() for word in marks.false])
    return pl.when(true).then(pl.lit(True)).when(false).then(pl.lit(False))


def clock_ms(text: pl.Expr, unit: str) -> pl.Expr:
    """Read `hh:mm:ss`, `hh:mm` or `mm:ss` as milliseconds; hours may pass 24.

    A workbook's date-time of 1899 or January 1900 is a duration as well.

    Example:
        >>> pl.Series(["00:02:23", "-1:00:00.5", "26:61:00"]).to_frame("x").select(
        ...     clock_ms(pl.col("x"), "hh:mm:ss")).to_series().to_list()
        [143000, -3600500, None]
    """
    parts = text.str.extract_groups(CLOCK[unit])
    part = [parts.struct.field(str(n)) for n in range(1, 6)]
    numbers = [item.replace("", "0").cast(pl.Int64, strict=False) for item in part[1:4]]
    hours, minutes, seconds = (item.fill_null(0) for item in numbers)
    fraction = part[4].fill_null("").str.pad_end(3, "0").cast(pl.Int64, strict=False)
    total = ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction
    minute_fits = minutes < 60 if unit != "mm:ss" else pl.lit(True)  # noqa: PLR2004 - minutes
    good = text.str.contains(CLOCK[unit]) & minute_fits & (seconds < 60)  # noqa: PLR2004 - seconds
    signed = pl.when(part[0] == "-").then(-total).otherwise(total)
    return pl.when(good).then(signed).otherwise(since(text, "excel_time", WORKBOOK_DATE))


def since(text: pl.Expr, unit: str, shape: str = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}") -> pl.Expr:
    """Read a date-time as milliseconds since the start of its epoch.

    Example:
        >>> pl.select(since(pl.lit("1970-01-02 09:46:18"), "epoch_1970")).item()
        121578000
    """
    plain = text.str.replace("T", " ", literal=True)
    read = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="ms")
    start = pl.lit(_EPOCHS[unit]).str.to_datetime("%Y-%m-%d", time_unit="ms")
    return pl.when(text.str.contains(shape)).then((read - start).dt.total_milliseconds())


def duration(text: pl.Expr, marks: Marks, unit: str) -> pl.Expr:
    """Read a duration in its declared unit as integer milliseconds."""
    if unit in CLOCK:
        return clock_ms(text, unit)
    if unit in PER_UNIT:
        return whole(number(text, marks) * PER_UNIT[unit])
    if unit == "day_fraction":
        return whole(number(text, marks) * DAY_MS)
    if unit == "epoch_1970":
        return since(text, unit)
    fraction = whole(number(text, marks) * DAY_MS)
    return pl.coalesce(since(text, unit), clock_ms(text, "hh:mm:ss"), fraction)
