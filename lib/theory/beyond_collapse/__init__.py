"""Formulas of "Beyond Model Collapse: Scaling Up with Synthesized Data Requires Reinforcement" (Feng et al.).

A generator errs with probability p; a verifier keeps a right label with probability phi and a wrong one with probability psi; a
linear model learns from what is kept. Functions take and return scalars.
"""
