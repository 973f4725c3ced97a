"""exo-onto: folders of Turtle in, a reasoned and validated knowledge graph over SPARQL out.

The data flows one way, and so do the modules, the commands and the pages of the documentation:

    sources -> reason -> validate -> publish -> serve

`pipeline` holds the whole flow in one function: read that file first. OWL axioms (`rules`) and SHACL shapes (`shapes`)
are compiled to SPARQL and run in the store; `check` has HermiT and pySHACL judge the same (`referees`).
"""

from importlib.metadata import version

__version__ = version("exo-onto")
