"""The crisis signalling game of Lewis and Schultz: solution, simulation, estimation, counterfactuals."""
