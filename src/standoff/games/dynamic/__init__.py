"""Dynamic discrete games: `game` and `design` state one, `solve` and `find` solve it, `pseudo` and `full` fit it."""
