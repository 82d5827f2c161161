"""Angles between three unit vectors, in radians: a triangle on the sphere, with one tolerance for the whole book.

The vectors are mu, a generator and a verifier. ``theta_gen`` is the angle from mu to the generator, ``theta_prune`` from mu to
the verifier, ``theta`` between the last two ("Beyond Model Collapse", eq. 6). The angle of the triangle at mu, between its
sides theta_gen and theta_prune, is its corner. Checked by tests/theory/test_angles.py.
"""

import math

from lib.theory.checks import angle

TOLERANCE = 1e-9  # angles may break a triangle inequality by this much: sums of rounded multiples of pi do


def triangle(theta_gen: float, theta_prune: float, theta: float) -> tuple:
    """The three angles as floats, if three directions can have them.

    Each in [0, pi], with ``|theta_gen - theta_prune| <= theta <= min(theta_gen + theta_prune, 2 pi - theta_gen - theta_prune)``
    to within TOLERANCE. Raises ValueError outside. Checked by tests/theory/test_angles.py::test_what_directions_can_have.
    """
    theta_gen, theta_prune = angle("theta_gen", theta_gen), angle("theta_prune", theta_prune)
    theta = angle("theta", theta)
    low = abs(theta_gen - theta_prune)
    high = min(theta_gen + theta_prune, 2.0 * math.pi - theta_gen - theta_prune)
    if not low - TOLERANCE <= theta <= high + TOLERANCE:
        raise ValueError(
            f"theta = {theta!r} is outside [{low:.6g}, {high:.6g}], the triangle inequality on the sphere "
            f"for theta_gen = {theta_gen!r}, theta_prune = {theta_prune!r}"
        )
    return theta_gen, theta_prune, theta


def corner(theta_gen: float, theta_prune: float, theta: float) -> float:
    """Angle at mu of the triangle with these sides, in [0, pi], by the half-angle formula, which keeps its digits for flat ones.

    ``tan^2(corner / 2) = sin(s - theta_gen) sin(s - theta_prune) / (sin(s) sin(s - theta))``, s half the perimeter. A side of
    0 or pi leaves it open: any value will do. Raises ValueError as :func:`triangle`.
    Checked by tests/theory/test_angles.py::test_corner_and_third_angle_are_inverse.
    """
    a, b, c = triangle(theta_gen, theta_prune, theta)
    # what TOLERANCE forgives may leave a sine just below 0; sines of tiny sides have no product
    halves = (0.5 * excess(b, c, a), 0.5 * excess(a, c, b), 0.5 * excess(a, b, c))
    root_a, root_b, root_c = [math.sqrt(max(0.0, math.sin(x))) for x in halves]
    root_s = math.sqrt(max(0.0, math.sin(0.5 * (a + b + c))))
    return 2.0 * math.atan2(root_a * root_b, root_s * root_c)


def third_angle(theta_gen: float, theta_prune: float, corner: float) -> float:
    """The theta that belongs to two sides and the corner between them, in [0, pi]: the spherical law of cosines, in halves.

    ``sin^2(theta/2) = sin^2((theta_gen - theta_prune) / 2) + sin theta_gen sin theta_prune sin^2(corner/2)``, and its
    cosine likewise: sums of what is not negative, so that no digits are lost at 0 or pi. All in [0, pi]. Raises ValueError
    outside. Checked by tests/theory/test_angles.py::test_corner_and_third_angle_are_inverse.
    """
    a, b = angle("theta_gen", theta_gen), angle("theta_prune", theta_prune)
    half, sines = 0.5 * angle("corner", corner), math.sin(a) * math.sin(b)
    sine2 = math.sin(0.5 * (a - b)) ** 2 + sines * math.sin(half) ** 2
    cosine2 = math.cos(0.5 * (a + b)) ** 2 + sines * math.cos(half) ** 2
    if sine2 < 1e-280:  # the squares underflow, the sines do not
        x, y = math.sin(0.5 * abs(a - b)), math.sqrt(math.sin(a)) * math.sqrt(math.sin(b)) * math.sin(half)
        small, large = min(x, y), max(x, y)
        return 2.0 * large * math.sqrt(1.0 + (small / large) ** 2) if large > 0.0 else 0.0
    return 2.0 * math.atan2(math.sqrt(sine2), math.sqrt(cosine2))


def excess(one: float, other: float, third: float) -> float:
    """``one + other - third``, by how much a triangle misses to be flat; three angles in [0, pi], not rounded where they cancel.

    Raises ValueError outside. Checked by tests/theory/test_angles.py::test_excess.
    """
    one, other, third = angle("one", one), angle("other", other), angle("third", third)
    total = one + other
    part = total - one
    return (total - third) + ((one - (total - part)) + (other - part))  # what the sum rounded away (Knuth)
