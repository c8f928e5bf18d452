"""KPI reviews for support organisations."""

__version__ = "0.1.0"
