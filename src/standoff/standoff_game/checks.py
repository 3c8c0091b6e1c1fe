"""Specifications and parameters that make no game are refused, all mistakes at once."""
from __future__ import annotations
def check_game(a,b): pass
def check_grid(a): pass
