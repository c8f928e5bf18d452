import subprocess
import sys

import pytest

from kpitools import visuals


def test_every_public_name_is_there():
    for name in visuals.__all__:
        assert getattr(visuals, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'chart_pie'"):
        _ = visuals.chart_pie


def test_reading_blocks_loads_no_drawing_library():
    code = "import sys, kpitools.visuals.blocks; print('altair' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
