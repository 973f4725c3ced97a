"""The commands of `exo-onto`, a module each: they parse, call one function, print, exit. `cli` puts them together."""
