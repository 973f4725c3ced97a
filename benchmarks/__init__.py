"""benchmarks: made-up studies in any number, and the build timed on them beside the tools that people use.

    generate -> bench -> report        `make bench` runs all three

| module | one sentence |
|---|---|
| `story` | a number and a seed in, the facts of one made-up study out; pure |
| `mistakes` | the facts of a sound study in, those of a faulty one out; pure |
| `generate` | how many studies in, a root folder out that `exo-onto build --root` takes |
| `peers` | one file and one peer in, seconds and memory out; each peer in a process of its own |
| `bench` | everything side by side in one run |
| `report` | measurements in, Markdown, JSON and a chart out |

The studies are made up: they have the shape and the words of real ones, and are no knowledge.
"""
