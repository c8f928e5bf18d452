"""Benchmark models: Theta as R's `thetaf` on AirPassengers, and what each may know."""

import os
import subprocess
import sys

import numpy as np
import pytest

from kpitools.analysis import forecast_ahead
from kpitools.analysis.forecast_models import MODELS
from kpitools.errors import AnalysisError

# Airline passengers, thousands a month, 1949 to 1960: Box & Jenkins 1976, series G.
AIR = [
    *(112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118),
    *(115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140),
    *(145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166),
    *(171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194),
    *(196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201),
    *(204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229),
    *(242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278),
    *(284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306),
    *(315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336),
    *(340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337),
    *(360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405),
    *(417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432),
]


def error_of(model):
    made = forecast_ahead(AIR[:132], model=model, season=12, horizon=12)
    return abs(np.array(made) - AIR[132:]).mean()


def test_theta_is_that_of_r():
    """`thetaf` of R's forecast package: mean absolute error 26.335."""
    assert round(error_of("theta"), 3) == 26.335


def test_fitted_models_beat_repeating_the_year():
    naive = error_of("seasonal_naive")
    assert naive == pytest.approx(abs(np.array(AIR[132:]) - AIR[120:132]).mean())
    assert error_of("ets") < error_of("stl_ets") < naive


def test_simple_models_by_hand():
    history = [1, 10, 2, 20, 3, 30, 4, 40, 5, 50]
    assert forecast_ahead(history, model="seasonal_naive", season=2, horizon=3) == [5, 50, 5]
    assert forecast_ahead(history, model="slot_mean", season=2, horizon=3) == [3.5, 35, 3.5]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_carries_a_season_on_and_never_goes_below_zero(model):
    history = [0.0, 10.0, 20.0, 30.0, 40.0] * 8
    made = forecast_ahead(history, model=model, season=5, horizon=5)
    assert made == pytest.approx(history[:5], abs=0.6)
    assert min(made) >= 0


@pytest.mark.parametrize("model", MODELS)
def test_constant_series_stay_constant_and_short_ones_are_not_forecast(model):
    made = forecast_ahead([7.0] * 40, model=model, season=5, horizon=6)
    assert made == pytest.approx([7.0] * 6, abs=1e-6)
    assert forecast_ahead([], model=model, season=5, horizon=1) is None
    assert forecast_ahead([1.0] * 4, model=model, season=5, horizon=1) is None
    if model not in {"seasonal_naive", "slot_mean"}:
        assert forecast_ahead([1.0] * 19, model=model, season=5, horizon=1) is None
    nothing = forecast_ahead([1.0, float("nan")] * 10, model=model, season=1, horizon=1)
    assert nothing is None


def test_without_a_season():
    line = [float(n) for n in range(40)]
    assert forecast_ahead(line, model="stl_ets", season=1, horizon=2) is None
    for model in ("theta", "ets"):
        made = forecast_ahead(line, model=model, season=1, horizon=2)
        assert made == pytest.approx([40, 41], abs=1.5)


def test_what_is_no_question_is_refused():
    with pytest.raises(AnalysisError, match="did you mean 'theta'"):
        forecast_ahead([1.0], model="thete", season=1, horizon=1)
    with pytest.raises(AnalysisError, match="1 step or more"):
        forecast_ahead([1.0], model="ets", season=0, horizon=1)


@pytest.mark.slow
def test_statsmodels_is_loaded_with_the_first_fit_only_and_the_environment_stays():
    code = (
        "import sys, os; from kpitools.analysis import forecast_ahead as f; "
        "f([1.0] * 30, model='slot_mean', season=5, horizon=1); "
        "print('statsmodels' in sys.modules); "
        "f([1.0, 2.0, 4.0] * 9 + [5.0] * 3, model='theta', season=5, horizon=1); "
        "print('statsmodels' in sys.modules, os.environ.get('OMP_NUM_THREADS'))"
    )
    given = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=given
    )
    assert run.stdout.split() == ["False", "True", "None"]


def test_fits_use_one_thread_and_give_the_others_back():
    from kpitools.analysis.forecast_threads import blas_threads, one_thread

    before = blas_threads()
    with one_thread():
        assert set(blas_threads()) <= {1}
    assert blas_threads() == before
