from kpitools.sources.findings import Finding
from kpitools.visuals import table_findings, table_kpis

CROSS = "\N{MULTIPLICATION SIGN}"


def finding(**given):
    return Finding(
        **{
            "kind": "unreadable",
            "source": "calls",
            "table": "contacts",
            "field": "wait_ms",
            "count": 1204,
            "rows": 50000,
            "severity": "warning",
            "message": "1,204 values are no durations",
            "examples": ("<b>", "n/a"),
            **given,
        }
    )


def test_findings_stand_with_weight_place_count_and_examples():
    table = table_findings([finding(), finding(severity="blocking", field="", rows=0)]).block
    first, second = table.rows
    assert [cell.text for cell in first] == [
        *("! warning", "calls", "1,204 values are no durations", "1,204")
    ]
    assert [cell.sub for cell in first] == ["", "contacts.wait_ms", "<b>; n/a", "of 50,000"]
    assert second[0].text == f"{CROSS} blocking"
    assert second[1].sub == "contacts"


def test_no_findings_are_an_answer():
    table = table_findings([]).block
    assert table.notes == ("Nothing to report: every row was read as declared.",)


def test_many_findings_are_cut_and_said():
    table = table_findings([finding()] * 60).block
    assert len(table.rows) == 50
    assert table.notes == ("The first 50 of 60 are listed.",)


def test_kpis_say_why_they_cannot_be_had(kpi):
    refused = {"aht": "source 'calls' does not map acw_ms"}
    table = table_kpis([kpi(), kpi("aht", unit="seconds", good="within")], refused=refused).block
    assert table.title == "1 of 2 KPIs can be computed from this data"
    assert [cell.text for cell in table.rows[0]] == [
        *("Satisfied customers", "percent", "higher is better", "✓ yes")
    ]
    assert table.rows[1][3].text == f"{CROSS} no"
    assert table.rows[1][3].sub == "source 'calls' does not map acw_ms"


def test_hostile_text_of_a_finding_is_text(hostile):
    table = table_findings([finding(message=hostile, source=hostile, examples=(hostile,))]).block
    texts = [cell.text + cell.sub for cell in table.rows[0]]
    assert all(len(text) < 320 for text in texts)
    assert not any(sign in text for text in texts for sign in "\u0000\u202e")
