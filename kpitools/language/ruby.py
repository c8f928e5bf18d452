"""Labels copied from pages that print the pronunciation beside every Chinese character."""

from __future__ import annotations

import re

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿĀÁǍÀĒÉĚÈĪÍǏÌŌÓǑÒŪÚǓÙ"
_SYLLABLE = rf"[A-Za-züÜ{_MARKED}]{{1,6}}[1-5]?"
_TONED = rf"(?=[A-Za-züÜ{_MARKED}]*[{_MARKED}]){_SYLLABLE}"
_TAGS = re.compile(r"<rp>.*?</rp>|<rt>.*?</rt>|</?(?:ruby|rb|rtc)[^>]*>", re.IGNORECASE | re.DOTALL)
_INTERLINEAR = re.compile("\ufff9([^\ufffa\ufffb]*)\ufffa[^\ufffb]*\ufffb")
_OPEN, _CLOSE = r"[(\uff08]\s*", r"\s*[)\uff09]"
_REPEATED = re.compile(rf"(?:{_HAN}{_OPEN}{_SYLLABLE}{_CLOSE}){{2,}}")
_ONE = re.compile(rf"({_HAN}){_OPEN}{_SYLLABLE}{_CLOSE}")
_BRACKETED = re.compile(rf"({_HAN}){_OPEN}{_TONED}{_CLOSE}")
_BARE = re.compile(rf"({_HAN})\s?{_TONED}(?=\s?(?:{_HAN}|$))")


def strip_ruby(text: str) -> str:
    """Return a label without the pronunciation printed beside its Chinese characters.

    Ruby markup, interlinear annotation characters, and syllables in brackets or bare after each
    character are taken away; a word in brackets that is no pronunciation stays.

    Example:
        >>> strip_ruby("质(zhì)量(liàng)"), strip_ruby("客hù户hù"), strip_ruby("放弃率 (AWS)")
        ('质量', '客户', '放弃率 (AWS)')
        >>> strip_ruby("<ruby>质<rt>zhì</rt></ruby>量")
        '质量'
    """
    found = _INTERLINEAR.sub(r"\1", _TAGS.sub("", text))
    found = _REPEATED.sub(lambda match: _ONE.sub(r"\1", match.group()), found)
    found = _BRACKETED.sub(r"\1", found)
    return _BARE.sub(r"\1", found)
