"""Which languages are known."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError

from kpitools.errors import LanguageError, suggest

FIRST = ("en", "tr", "zh", "fa", "ko", "es")
"""Languages that the built-in catalogue has labels in."""


@cache
def read_locale(lang: str) -> Locale:
    """Return the conventions of a language.

    Raises:
        LanguageError: a language that is not known.

    Example:
        >>> read_locale("tr").get_display_name("en")
        'Turkish'
    """
    try:
        return Locale.parse(lang.replace("-", "_"))
    except (ValueError, UnknownLocaleError, TypeError) as error:
        raise LanguageError(
            f"no language '{lang}'",
            found=lang,
            expected="a language code such as en or tr",
            fix=suggest(lang, FIRST),
        ) from error
