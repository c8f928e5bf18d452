"""Texts that want to do harm, or are merely foreign, as names, reasons and comments."""

import unicodedata

TEXTS = {
    "script": "<script>alert(1)</script>",
    "script ended": "</script><script>document.title='taken'</script>",
    "image": '"><img src=x onerror=alert(2)>',
    "path": "../../x",
    "formula": "=cmd()|' /C calc'!A0",
    "shortcode": "{{< include /etc/passwd >}}",
    "template": "{{ 7*191 }} {% raw %} {# no #}",
    "typst": '#read("/etc/passwd")',
    "shell": "$(id) `id`; rm -rf x | cat & :",
    "link": "https://example.invalid/a?b=1&c=2",
    "directions": "ab\u202ecod\u200f\u2067e\u2069",
    "chinese": "客户支持中文",
    "korean": "한국어상담",
    "arabic": "الدعم الفني 12",
    "emoji": "Care 😀👍🏽🇹🇷",
    "controls": "nul\x00bell\x07esc\x1b[31m",
    "long": "x" * 9_999 + "1",
    "as long": "x" * 9_999 + "2",
}
ELSEWHERE = ("image", "template", "link")
"""Titles, names of people and comments have these; each further team costs seconds."""
CLEANED = {
    "directions": "ab⟨U+202E⟩cod⟨U+200F⟩⟨U+2067⟩e⟨U+2069⟩",
    "controls": "nulbellesc[31m",
}
NEVER = ("root:x:0", "uid=0", "1337")
"""What stands somewhere only if a text was run."""


def as_team(name):
    """Give the key that a team of this name has: its text, cleaned."""
    return CLEANED.get(name, TEXTS[name])


def controls(text):
    """Give the characters of a text that steer a terminal or the direction of a line."""
    return {
        char
        for char in text
        if (unicodedata.category(char) == "Cc" and char not in "\n\t")
        or unicodedata.bidirectional(char) in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI"}
    }
