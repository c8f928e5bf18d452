import pytest

from kpitools.errors import GovernanceError
from kpitools.governance import CADENCES, Forum, build_forum


def test_a_bare_name_meets_monthly_about_everything():
    forum = build_forum("Monthly operations review")
    assert forum == Forum("Monthly operations review")
    assert (forum.cadence, forum.covers("aht"), forum.invites("team_lead")) == (
        "monthly",
        True,
        False,
    )


def test_everything_can_be_said():
    forum = build_forum(
        {
            "name": "Weekly stand-up",
            "cadence": "weekly",
            "participants": {"team_lead": ["Ada", "Bo"], "analyst": "Cy", "trainer": None},
            "kpis": ["asa"],
            "purpose": "Yesterday and today.",
        }
    )
    assert forum.participants == {"team_lead": ("Ada", "Bo"), "analyst": ("Cy",), "trainer": ()}
    assert forum.covers("asa")
    assert not forum.covers("aht")
    assert forum.invites("trainer")
    assert forum.cadence in CADENCES


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "x", "cadense": "weekly"}, "did you mean 'cadence'"),
        ({"name": " "}, "no name"),
        ({"cadence": "weekly"}, "no name"),
        ({"name": "x", "cadence": "wekly"}, "did you mean 'weekly'"),
        ({"name": "x", "cadence": ["weekly"]}, "no such cadence"),
        ({"name": "x", "participants": ["Ada"]}, "under their roles"),
        ({"name": "x", "participants": {"a": 3}}, "texts are expected"),
        ({"name": "x", "kpis": {"a": 1}}, "texts are expected"),
        ({"name": "x", "purpose": 5}, "purpose is a text"),
    ],
)
def test_what_is_no_forum_is_refused(given, message):
    with pytest.raises(GovernanceError, match=message):
        build_forum(given)


def test_all_faults_are_told_at_once():
    with pytest.raises(GovernanceError) as caught:
        build_forum({"title": "x", "cadence": "now", "participants": 3, "kpis": 4})
    assert len(caught.value.faults) == 5
