"""Standoff turns the record of a hostage negotiation into a tested account of it."""
