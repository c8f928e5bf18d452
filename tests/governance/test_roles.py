import pytest

from kpitools.governance import Forum, check_roles, roles_of

ROLES = ("operations_manager", "team_lead", "analyst")


def test_nothing_is_found_where_everybody_has_a_place(define, entries):
    forum = Forum("Review", participants={"operations_manager": ("Ada",)})
    assert check_roles(entries(define("csat")), roles=ROLES) == ()
    assert check_roles(entries(define("csat")), forum=forum) == ()


def test_a_kpi_that_nobody_answers_for_is_an_orphan(define, entries):
    orphan = define("csat", roles={"accountable": " "})
    found = check_roles(entries(orphan, define("aht")))
    assert [(item.kind, item.kpi) for item in found] == [("orphan_kpi", "csat")]


def test_a_role_without_a_kpi_is_empty(define, entries):
    found = check_roles(entries(define("csat")), roles=[*ROLES, "trainer"])
    assert [(item.kind, item.role) for item in found] == [("empty_role", "trainer")]
    invited = Forum("Review", participants={"trainer": (), "operations_manager": ("Ada",)})
    assert [item.kind for item in check_roles(entries(define("csat")), forum=invited)] == [
        "empty_role"
    ]


def test_a_role_that_does_not_exist_is_named_with_the_nearest(define, entries):
    wrong = define("csat", roles={"accountable": "operation_manager"})
    found = check_roles(entries(wrong), roles=ROLES)
    assert found[0].kind == "unknown_role"
    assert "did you mean 'operations_manager'" in found[0].message


@pytest.mark.parametrize(
    ("participants", "kind"),
    [({"team_lead": ("Bo",)}, "not_invited"), ({"operations_manager": ()}, "unnamed")],
)
def test_an_owner_who_is_missing_from_the_review_is_found(define, entries, participants, kind):
    forum = Forum("Review", participants=participants)
    found = check_roles(entries(define("csat")), forum=forum)
    assert [(item.kind, item.kpi) for item in found] == [(kind, "csat")]
    outside = Forum("Review", participants=participants, kpis=("aht",))
    assert check_roles(entries(define("csat")), forum=outside) == ()


def test_the_latest_version_counts(define, entries):
    old = define("csat", roles={"accountable": ""})
    new = define("csat", version=2)
    assert check_roles(entries(old, new)) == check_roles(entries(new, old)) == ()


def test_every_role_of_a_definition_is_named_once(define):
    assert roles_of(define("csat")) == ("operations_manager", "team_lead", "analyst")
    assert roles_of(define("csat", action=None, roles={"accountable": "a", "reports": "a"})) == (
        "a",
    )
