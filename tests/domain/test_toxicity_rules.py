"""The protocol's section of toxicity: what a file may say, and what it must not."""

import pytest

from protocol.domain.loading import ProtocolInvalid, parse
from tests.domain.shipped import FOLDER, PARSERS, shipped
from toxicity.domain.rules import RISKS, Mode, ToxicityRules
from toxicity.domain.scales import Scale

FILE = FOLDER / "brexucel-adult-all.toml"


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
def test_a_newly_loaded_protocol_computes_nothing(code: str) -> None:
    rules = ToxicityRules.of(shipped(code))
    assert {rules.mode(scale) for scale in Scale} == {Mode.RECORD_ONLY}
    assert {rules.mode(scale) for scale in RISKS} == {Mode.OFF}


@pytest.mark.parametrize("roles", [" ", "boss", "haematologist,coordinator"])
def test_people_who_are_told_are_roles(roles: str) -> None:
    content = FILE.read_bytes().replace(b'haematologist coordinator"', f'{roles}"'.encode())
    with pytest.raises(ProtocolInvalid) as invalid:
        parse(content, FILE.name, PARSERS)
    keys = {problem.dotted_key for problem in invalid.value.problems}
    assert "toxicity.escalation.roles" in keys
