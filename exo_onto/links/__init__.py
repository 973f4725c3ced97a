"""links: files of external ontologies in; modules, the status of identifiers and mappings out."""
