"""What we learn: priors, likelihoods, sampling, diagnostics, calibration and the comparison of rivals."""
