"""G16: Chinese labels copied with the pronunciation beside every character."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitools.catalog import read_catalog
from kpitools.language import strip_ruby


@pytest.mark.parametrize(
    ("copied", "label"),
    [
        ("质(zhì)量(liàng)监(jiān)控(kòng)", "质量监控"),
        ("客\uff08kè\uff09户\uff08hù\uff09等\uff08děng\uff09待\uff08dài\uff09", "客户等待"),
        ("<ruby>放<rp>(</rp><rt>fàng</rt><rp>)</rp>弃<rt>qì</rt>率<rt>lǜ</rt></ruby>", "放弃率"),
        ("\ufff9净\ufffajìng\ufffb\ufff9推\ufffatuī\ufffb荐", "净推荐"),
        ("平píng均jūn", "平均"),
        ("利(li4)用(yong4)率(lv4)", "利用率"),
    ],
)
def test_golden_16_pronunciation_is_cleaned_from_a_label(copied: str, label: str) -> None:
    """Label as seed 001 prints it, character by character with pinyin."""
    assert strip_ruby(copied) == label


@pytest.mark.parametrize(
    "label", ["净推荐得分(NPS)", "质检 (QA) 审核员", "服务水平 80/20", "AHT 平均", "CSAT"]
)
def test_golden_16_a_label_with_an_abbreviation_stays(label: str) -> None:
    assert strip_ruby(label) == label


def test_golden_16_a_catalogue_loads_with_the_cleaned_label(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "- kpi: qa_score\n  inherit: true\n  name: {zh: 质(zhì)量(liàng)监(jiān)控(kòng)}\n"
    )
    assert read_catalog([file]).kpi("qa_score").name["zh"] == "质量监控"
