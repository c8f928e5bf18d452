"""Engines that compute facts where the rows are: only facts come back."""
