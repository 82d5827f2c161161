"""Curves and readouts of the sliders, assembled in one place for both of their faces.

JupyterLab (CPython) and the published page (MicroPython) call these two functions with a formula of ``lib.theory``, so that
a point outside a formula's domain becomes a gap in the line in both. Checked by tests/explore/test_curves.py.
"""


def curve(function, name: str, values, fixed: dict, field: str = None) -> list:
    """Return ``function(**fixed, name=v)`` for each ``v`` in ``values``; None where it raises ValueError.

    ``field`` picks one field of a namedtuple result.
    """
    return [value(function, _with(fixed, name, v), field)[0] for v in values]


def value(function, arguments: dict, field: str = None) -> tuple:
    """Return ``(result, "")``, or ``(None, message)`` where ``function(**arguments)`` raises ValueError.

    ``field`` picks one field of a namedtuple result.
    """
    try:
        result = function(**arguments)
    except ValueError as error:
        return None, str(error)
    return (result if field is None else getattr(result, field)), ""


def _with(fixed, name, v) -> dict:
    arguments = dict(fixed)
    arguments[name] = v
    return arguments
