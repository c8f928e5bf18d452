"""What Quarto writes when it fails is distilled to what helps."""

import pytest

from kpitools.packs.quarto.faults import is_transient, read_fault

STACK = (
    "\n\nStack trace:\n    at renderFiles (file:///opt/quarto/bin/quarto.js:12:34)\n    at async x"
)
SHAPES = {
    "missing file": (
        f"\x1b[91mERROR: No valid input files passed to render\x1b[39m{STACK}",
        "No valid input files passed to render",
    ),
    "no project": (
        f"ERROR: The specified directory ('a') is not a Quarto project.{STACK}",
        "The specified directory ('a') is not a Quarto project.",
    ),
    "unknown format": (f"ERROR: Unknown format x{STACK}", "Unknown format x"),
    "a cell raising": (
        (
            "\nAn error occurred while executing the following cell:\n------\n1/0\n------\n\n"
            "\x1b[31m-----\x1b[39m\nTraceback (most recent call last)\n"
            "\x1b[31mZeroDivisionError\x1b[39m: division by zero\n\n"
        ),
        "Quarto ran a cell, which failed: ZeroDivisionError: division by zero",
    ),
    "typst missing": (
        (
            "\r[typst]: Compiling pack.typ to pack.pdf...ERROR: Error executing '/x/typst': "
            f"No such file or directory{STACK}"
        ),
        "Error executing '/x/typst': No such file or directory",
    ),
    "typst to install": (
        "ERROR: You need to install the Typst CLI in order to render typst documents.",
        "You need to install the Typst CLI in order to render typst documents.",
    ),
    "typst compile": (
        (
            "[typst]: Compiling pack.typ to pack.pdf...\nerror: unknown font family: x\n"
            "   ┌─ pack.typ:3:4\n   │\n 3 │ #set text\n   │  ^^^\n"
        ),
        "unknown font family: x",
    ),
    "bad yaml": (
        f"ERROR: YAMLException: bad indentation of a mapping entry (2:3){STACK}",
        "YAMLException: bad indentation of a mapping entry (2:3)",
    ),
    "bad option": (
        (
            "ERROR: Validation of YAML front matter failed.\n"
            "In file pack.ipynb\n(line 2) the value tox must be boolean\n\n"
            f"ERROR: Render failed due to invalid YAML.{STACK}"
        ),
        (
            "Validation of YAML front matter failed.\nIn file pack.ipynb\n"
            "(line 2) the value tox must be boolean\nRender failed due to invalid YAML."
        ),
    ),
    "broken ipynb": (
        f"ERROR: SyntaxError: Unexpected token 'x'{STACK}",
        "SyntaxError: Unexpected token 'x'",
    ),
    "no kernel": (
        "ERROR: Jupyter kernel 'x' not found. Known kernels: python3. Run 'quarto check jupyter'",
        "Jupyter kernel 'x' not found. Known kernels: python3. Run 'quarto check jupyter'",
    ),
    "no tex": (
        "\nNo TeX installation was detected.\n\nPlease run 'quarto install tinytex'\n",
        "No TeX installation was detected.",
    ),
    "output": (
        "ERROR: --output option cannot specify a relative or absolute path",
        "--output option cannot specify a relative or absolute path",
    ),
    "something else": ("one\nlast words\n\n", "last words"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "fault"), SHAPES.values(), ids=SHAPES)
def test_every_known_shape_is_distilled(text, fault):
    assert read_fault(text) == fault


def test_a_flood_is_bounded():
    assert len(read_fault("ERROR: " + "x" * 100_000)) == 600


@pytest.mark.parametrize(
    ("text", "transient"),
    [
        ("ERROR: database is locked", True),
        ("NotFound: No such file or directory (os error 2): renameSync", True),
        ("ERROR: Unknown format x", False),
        ("os error 21", False),
    ],
)
def test_only_quarrels_about_caches_are_tried_again(text, transient):
    assert is_transient(text) is transient
