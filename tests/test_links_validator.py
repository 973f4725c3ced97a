"""Tests of links.validator: the package `sssom` is heard where it is installed, and its absence is told."""

from importlib.metadata import PackageNotFoundError, version

import pytest

from exo_onto.links import validator
from exo_onto.links.validator import ValidatorError, validate

GOOD = """#mapping_set_id: https://example.org/a
#license: https://creativecommons.org/licenses/by/4.0/
#curie_map:
#  GO: http://purl.obolibrary.org/obo/GO_
#  semapv: https://w3id.org/semapv/vocab/
#  skos: http://www.w3.org/2004/02/skos/core#
subject_id\tpredicate_id\tobject_id\tmapping_justification
GO:0000001\tskos:closeMatch\tGO:0000002\tsemapv:ManualMappingCuration
"""


def test_a_good_text_is_validated_by_the_package_and_a_bad_one_refused() -> None:
    assert validate(GOOD) == f"validated by sssom {version('sssom')}"
    with pytest.raises(ValidatorError, match="refuses it"):
        validate(GOOD.replace("semapv:ManualMappingCuration", "nonsense"))


def test_where_the_package_is_missing_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(validator, "version", missing)
    assert "install exo-onto[sssom]" in validate(GOOD)


def test_a_validation_that_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validator, "SECONDS", 0.001)
    with pytest.raises(ValidatorError, match="did not finish"):
        validate(GOOD)
