"""Statistics that the estimable games share: tables, formulas, maximum likelihood, errors, tests, printed tables."""
