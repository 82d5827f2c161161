"""Formulas of "Towards a Theoretical Understanding of Synthetic Data in LLM Post-Training: A Reverse-Bottleneck Perspective".

The chain is ``S_anchor -> e_p -> M(p) = h(e_p) + g(e_M) -> S_gen -> W``, and ``S_anchor -> W'`` for a model that is trained
on the anchors alone. All entropies are in nats.
"""
