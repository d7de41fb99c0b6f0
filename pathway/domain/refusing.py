"""How guards refuse: firmly, or so that a haematologist's reason lets the move go on."""

from dataclasses import replace

from terms.refusals import Kind, Refusal
from terms.roles import Role

_WAIVERS = (Role.HAEMATOLOGIST.value,)


def hard(code: str, message: str, **params: object) -> Refusal:
    """A refusal that nothing waives; `message` is an English msgid with places for `params`."""
    return Refusal(code=code, message=message, params=params)


def soft(code: str, message: str, **params: object) -> Refusal:
    """A refusal that yields to a recorded reason."""
    return Refusal(code=code, message=message, params=params, kind=Kind.SOFT, who_may=_WAIVERS)


def asked(refusal: Refusal) -> Refusal:
    """The same as a question, of what was done already; what a role may not do stays refused."""
    if refusal.kind is Kind.SOFT or refusal.code == "role":
        return refusal
    return replace(refusal, kind=Kind.SOFT, who_may=_WAIVERS)
