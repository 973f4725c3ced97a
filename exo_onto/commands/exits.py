"""exits: how a command ended in, the code that tells whoever called it out."""

from typing import Final

FINE: Final = 0
WRONG_KNOWLEDGE: Final = 1
WRONG_CALL: Final = 2
INTERRUPTED: Final = 130
