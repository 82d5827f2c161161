"""Mixtures of Gaussians: draws, densities, fits and divergences."""
