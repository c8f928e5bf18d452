"""Pages and PDFs as a browser or a reader of PDFs finds them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pypdf

LOADING = ("src", "srcset", "poster", "data", "background", "formaction", "action", "ping")
VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """Elements, texts, scripts and styles of a page."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.blocks = [], [], []
        self._raw = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in {"script", "style"}:
            self._raw = (tag, dict(attrs), [])

    def handle_endtag(self, tag):
        if self._raw and tag == self._raw[0]:
            kind, attrs, parts = self._raw
            self.blocks.append((kind, attrs, "".join(parts)))
            self._raw = None

    def handle_data(self, data):
        (self._raw[2] if self._raw else self.texts).append(data)

    @property
    def text(self):
        return squeezed("".join(self.texts))

    @property
    def links(self):
        return [attrs["href"] for tag, attrs in self.elements if tag == "a" and "href" in attrs]

    @property
    def ids(self):
        return {attrs["id"] for _, attrs in self.elements if "id" in attrs}

    @property
    def scripts(self):
        """Give what would run: data blocks are no scripts."""
        return [
            text for tag, attrs, text in self.blocks if tag == "script" and not attrs.get("type")
        ]

    @property
    def handlers(self):
        """Give attributes that would run something."""
        return [
            (tag, name)
            for tag, attrs in self.elements
            for name, value in attrs.items()
            if name.startswith("on") or re.match(r"(?i)\s*(javascript|vbscript):", value)
        ]

    @property
    def loaded(self):
        """Give the addresses that a browser would load by itself; a link in the text is not one."""
        found = [attrs[name] for _, attrs in self.elements for name in LOADING if attrs.get(name)]
        found += [attrs["href"] for tag, attrs in self.elements if tag in {"link", "base"}]
        found += [
            attrs.get("href") or attrs.get("xlink:href") or ""
            for tag, attrs in self.elements
            if tag in {"image", "use", "script"}
        ]
        styles = [text for tag, _, text in self.blocks if tag == "style"]
        styles += [attrs["style"] for _, attrs in self.elements if "style" in attrs]
        for style in styles:
            found += re.findall(r"url\(\s*[\"']?([^\"')]+)", style)
            found += re.findall(r"@import\s+[\"']?([^\"';]+)", style)
        return [address for address in found if address and not address.startswith("data:")]


def squeezed(text):
    """Leave out white space and what may stand between letters, as line breaks fall anywhere."""
    return re.sub(r"[\s\u200b\u00ad\ufeff]", "", text)


def pdf_text(path: Path):
    """Give the text of a PDF, squeezed."""
    reader = pypdf.PdfReader(path)
    return squeezed("".join(page.extract_text() for page in reader.pages))


def leftovers(folder: Path):
    """Give files that something half-done would leave behind."""
    return [
        path
        for path in folder.rglob("*")
        if path.name.startswith((".", "~", "tmp")) or path.suffix in {".part", ".tmp", ".lock"}
    ]
