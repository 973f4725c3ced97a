"""Tests of difference.outline: what people are told, in which order, and how much of it."""

from collections.abc import Iterator
from pathlib import Path

from differing import LOWERS, ONTOLOGY, SOURCE, STUDY, compared, small

from exo_onto.difference.outline import Line, Section, sections, summary


def lines(told: tuple[Section, ...]) -> list[str]:
    def within(line: Line) -> Iterator[str]:
        yield f"{line.mark} {line.text}".strip()
        for each in line.below:
            yield from within(each)

    return [text for section in told for line in section.lines for text in within(line)]


def test_a_new_conclusion_is_told_with_its_cause_and_its_proof(tmp_path: Path) -> None:
    found = compared(small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS + SOURCE))
    told = sections(found)
    assert [section.title for section in told] == ["Conflicts between studies", "Studies"]
    said = lines(told)
    assert "+ now: Study A 'demonstrates' relief of pain" in said
    at = said.index("+ now: Study A 'demonstrates' relief of pain")
    assert said[at + 1].startswith("because it is written that drug 'lowers' pain (instances/studies/a.ttl:13; ")
    assert "ex:certainty: stated" in said[at + 1]
    assert said[at + 2] == "proof"
    assert "+ drug 'lowers' pain" in said[at:]
    assert summary(found) == "1 study touched, 3 conclusions new, 1 answer other than before."


def test_what_is_told_above_is_not_told_again_and_what_follows_on_only_where_all_is_asked_for(tmp_path: Path) -> None:
    found = compared(small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS))
    said = lines(sections(found))
    assert "+ now: pain is a decrease, as told above" in said
    assert not [line for line in said if line.startswith("+ now: pain 'lowered by' drug")]
    whole = lines(sections(found, everything=True))
    assert [line for line in whole if line.startswith("+ now: pain 'lowered by' drug")]


def test_a_conclusion_that_is_gone_names_what_was_written(tmp_path: Path) -> None:
    said = lines(sections(compared(small(tmp_path / "a", more=LOWERS), small(tmp_path / "b"))))
    at = said.index("- no longer: Study A 'demonstrates' relief of pain")
    assert said[at + 1].startswith("because it was written that drug 'lowers' pain (instances/studies/a.ttl:13")


def test_an_axiom_that_is_the_cause_is_told_in_words(tmp_path: Path) -> None:
    before = small(tmp_path / "a", more=LOWERS)
    after = small(
        tmp_path / "b", more=LOWERS, ontology=ONTOLOGY.replace("owl:hasValue ex:Relief", "owl:hasValue ex:Joy")
    )
    said = lines(sections(compared(before, after)))
    assert "because by an axiom: every pain that is also a decrease 'shows' joy" in said


def test_a_contradiction_comes_first_with_its_place(tmp_path: Path) -> None:
    found = compared(
        small(tmp_path / "a", more=LOWERS), small(tmp_path / "b", more=LOWERS + "activity:a-pain a ex:Up .")
    )
    told = sections(found)
    assert told[0].title == "Wrong now, and not before"
    assert told[0].lines[0].text.startswith("instances/studies/a.ttl:12: [contradiction] In study a, ")
    assert len(told[0].lines[0].below) == 2


def test_much_is_cut_and_said_to_be(tmp_path: Path) -> None:
    many = "".join(f"activity:a-pain ex:note {number} .\n" for number in range(40))
    said = lines(sections(compared(small(tmp_path / "a"), small(tmp_path / "b", more=many))))
    assert "and 28 more (--all shows them)" in said
    whole = sections(compared(small(tmp_path / "a"), small(tmp_path / "b", more=many)), everything=True)
    assert sum('ex:note: "3' in line for line in lines(whole)) == 11


def test_a_long_proof_is_cut(tmp_path: Path) -> None:
    chain = "".join(f"activity:a-{n} a ex:Activity ; ex:next activity:a-{n + 1} .\n" for n in range(60))
    axioms = (
        "ex:next a owl:ObjectProperty . ex:Hot a owl:Class .\n"
        "[] a owl:Restriction ; owl:onProperty ex:next ; owl:someValuesFrom ex:Hot ; rdfs:subClassOf ex:Hot .\n"
    )
    before = small(tmp_path / "a", study=STUDY + chain, ontology=ONTOLOGY + axioms)
    after = small(tmp_path / "b", study=STUDY + chain, ontology=ONTOLOGY + axioms, more="activity:a-60 a ex:Hot .\n")
    assert any(
        "the rest of the proof is shown by exo-onto explain" in line
        for line in lines(sections(compared(before, after)))
    )


def test_nothing_is_told_as_such(tmp_path: Path) -> None:
    found = compared(small(tmp_path / "a"), small(tmp_path / "b"))
    assert sections(found) == ()
    assert summary(found) == "Nothing differs, in what is written or in what follows from it."
