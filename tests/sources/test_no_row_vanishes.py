from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COLUMNS = {
    "contact_id": "Id",
    "offered_at": {"from": "At", "format": "iso"},
    "wait_ms": {"from": "Wait", "unit": "seconds"},
    "outcome": {"from": "Kind", "values": {"A": "answered"}},
}
FIELD = st.sampled_from(
    [
        "1",
        "2",
        "3",
        "",
        " ",
        "?",
        "-5",
        "x",
        "A",
        "2026-10-05 09:00",
        "2026-02-31",
        "\x00",
        "\u202e",
    ]
)
LINE = st.lists(FIELD, max_size=6).map(",".join)


@given(lines=st.lists(LINE, max_size=12), zone=st.sampled_from(["UTC", "Europe/Madrid"]))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_line_becomes_a_row_or_is_counted(desk, lines_of, lines, zone):
    content = "Id,At,Wait,Kind\n" + "".join(f"{line}\n" for line in lines)
    events = desk.calls(
        content,
        COLUMNS,
        rows_where="contact_id is null or contact_id <> '3'",
        format={"missing": ["?"]},
        config={"as_of": "2026-10-06", "timezone": zone},
    )
    (account,) = events.accounts
    assert lines_of(account) == account.read == len(lines)
    assert events.tables["contacts"].collect().height == account.kept
    counts = {item.kind: item.count for item in events.findings if not item.field}
    assert counts.get("broken_lines", 0) == account.broken
    assert counts.get("blank_rows", 0) == account.blank
    assert counts.get("rows_left_out", 0) == account.left_out
    duplicates = [item.count for item in events.findings if item.kind == "duplicates"]
    assert sum(duplicates) == account.superseded
