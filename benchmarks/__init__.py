"""benchmarks: made-up studies in any number, and the build timed on them beside the tools that people use.

    generate -> bench -> report                    `make bench-reasoning`: the build and its peers
    generate -> serving -> serving_report          `make bench-serving`: the server and others, quiet and under attack
    soak                                           `make soak`: the server for minutes, with a new snapshot each minute
    evidence                                       `python -m benchmarks.evidence`: tables of a million miRNA targets

| module | one sentence |
|---|---|
| `story` | a number and a seed in, the facts of one made-up study out; pure |
| `mistakes` | the facts of a sound study in, those of a faulty one out; pure |
| `generate` | how many studies in, a root folder out that `exo-onto build --root` takes |
| `peers` | one file and one peer in, seconds and memory out; each peer in a process of its own |
| `bench` | everything side by side in one run |
| `report` | measurements in, Markdown, JSON and a chart out |
| `load` | queries in, throughput and latency out, by wrk or a paced client |
| `serving` | servers side by side on the same store, with the same queries |
| `serving_report` | what was measured of servers in, Markdown and JSON out; pure |
| `soak` | a server under mixed load, with a hot swap each minute |
| `evidence` | tables of miRNA targets read by `exo-onto links evidence` |
| `machine` | what figures are measured on |

The studies are made up: they have the shape and the words of real ones, and are no knowledge.
"""
