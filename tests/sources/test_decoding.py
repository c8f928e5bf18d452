import codecs
import gzip

import pytest

from kpitools.sources.decoding import Decoding, utf8_blocks

TEXT = "Id,At\n1,Müşteri\n2,客服 €\n"


def read(tmp_path, content, encoding=None):
    path = tmp_path / "file"
    path.write_bytes(content)
    noted = Decoding()
    return b"".join(utf8_blocks(path, encoding, noted)).decode(), noted


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding(tmp_path, mark, encoding):
    text, noted = read(tmp_path, mark + TEXT.encode(encoding))
    assert text == TEXT
    assert noted.encoding == encoding
    assert noted.undecodable == 0


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8-sig", TEXT),
        ("utf-16", TEXT),
        ("cp1252", "Id,At\n1,Café €\n"),
        ("latin-1", "Id,At\n1,Café\n"),
        ("cp1254", "Id,At\n1,Müşteri\n"),
        ("gb18030", "Id,At\n1,客服\n"),
    ],
)
def test_a_declared_encoding_is_read(tmp_path, encoding, text):
    assert read(tmp_path, text.encode(encoding), encoding)[0] == text


def test_bytes_outside_the_encoding_are_counted_with_their_line(tmp_path):
    text, noted = read(tmp_path, b"Id,At\n1,caf\xe9\n2,\xff\xfe\n")
    assert noted.undecodable == 3
    assert noted.first_lines == [2]
    assert text.count("\n") == 3


def test_gzip_is_told_by_its_content(tmp_path):
    assert read(tmp_path, gzip.compress(TEXT.encode()))[0] == TEXT


def test_gzip_that_ends_early_is_noted(tmp_path):
    whole = gzip.compress(("1,a\n" * 100_000).encode(), compresslevel=0)
    text, noted = read(tmp_path, whole[: len(whole) // 2])
    assert noted.cut_short
    assert text.startswith("1,a\n")


def test_line_ends_of_old_macs_are_line_ends(tmp_path):
    assert read(tmp_path, b"Id,At\r1,a\r2,b\r")[0] == "Id,At\n1,a\n2,b\n"


def test_a_stray_return_is_no_line_end(tmp_path):
    assert read(tmp_path, b"Id,At\r\n1,a\rb\r\n")[0] == "Id,At\n1,a b\n"


def test_an_empty_file_gives_nothing(tmp_path):
    assert read(tmp_path, b"")[0] == ""
