"""Textbook games: closed forms, each with the checks that its solution passed."""
