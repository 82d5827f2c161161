"""Formulas of "Maximizing the Potential of Synthetic Data: Insights from Random Matrix Theory" (El Firdoussi et al.).

Ridge on n real and m synthetic rows of dimension p. Real rows are ``y (mu + noise)``, standard Gaussian noise. A generator knows
mu (``known_mean``) or estimates it, with the covariance, on n_hat real rows: rows of its own (``independent``) or the first n_hat
training rows (``shared``, as Section 3 of the paper describes). A synthetic label is wrong with probability epsilon; a verifier
keeps a wrong one with probability psi (rho in the paper), a right one with phi. Every function takes scalars by name and raises
ValueError outside the ranges it names.
"""
