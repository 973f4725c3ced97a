"""exo-onto: folders of Turtle in, a reasoned and validated knowledge graph over SPARQL out.

The data flows one way, and so do the modules, the commands and the pages of the documentation:

    sources -> reason -> validate -> publish -> serve

`pipeline` holds the whole flow in one function: read that file first.
"""

from importlib.metadata import version

__version__ = version("exo-onto")
