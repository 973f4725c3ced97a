"""Tests of blocks: one thing of a file changes, and nothing else of its text does."""

import pytest
from spreadsheets import term

from exo_onto.tables.blocks import Block, edited
from exo_onto.tables.story import UntellableError

TEXT = """# A heading.
@prefix exonto: <https://w3id.org/exo-onto/> .
@prefix reference: <https://w3id.org/exo-onto/reference/> .

# A comment of the first.
reference:a
    exonto:place "one . two" ;
    exonto:certainty exonto:CertaintyStated .

reference:ab exonto:place "1" .
"""


def block(name: str, *, replaces: bool, prefixes: tuple[str, ...] = ()) -> Block:
    return Block(term(name), f'{name}\n    exonto:place "new" .\n', frozenset(prefixes), replaces)


def test_a_block_is_replaced_and_all_else_stays() -> None:
    after = edited(TEXT, [block("reference:a", replaces=True)])
    assert 'reference:a\n    exonto:place "new" .\n\nreference:ab exonto:place "1" .\n' in after
    assert after.startswith(TEXT[: TEXT.index("reference:a\n")])
    assert edited(TEXT, [block("reference:ab", replaces=True)]).startswith(TEXT[: TEXT.index("reference:ab ")])


def test_a_new_block_comes_last_with_the_prefixes_that_it_needs() -> None:
    after = edited(TEXT, [block("reference:c", replaces=False, prefixes=("exonto", "prism"))])
    assert after.endswith('"1" .\n\nreference:c\n    exonto:place "new" .\n')
    assert after.count("@prefix exonto:") == after.count("@prefix prism:") == 1
    assert after.index("@prefix prism:") < after.index("# A comment")


def test_a_thing_without_a_block_of_its_own_is_told() -> None:
    with pytest.raises(UntellableError, match="reference:z does not stand in one block"):
        edited(TEXT, [block("reference:z", replaces=True)])
