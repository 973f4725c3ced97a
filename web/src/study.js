// study: the signed graph of a study's story in (graph.json), a drawing out (Cytoscape.js). The table below says the same.
import cytoscape from "cytoscape";
import dagre from "cytoscape-dagre";
import { wrapped } from "./study/wrapping.js";

cytoscape.use(dagre);
const place = document.querySelector("[data-graph]");
const narrow = matchMedia("(max-width: 40rem)");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Read a colour of the page's style, so that the drawing has its theme. */
function themed(name, otherwise) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || otherwise;
}

const FONT_SIZE = 13;
const LINE_HEIGHT = 17;
const MARKS = { up: "▲ ", down: "▼ ", unsigned: "" };

/** The colours of a printed page, which is white whatever the theme. */
const PAPER = { ink: "#000", raised: "#fff", soft: "#333", up: "#006b4f", down: "#a63f00", unsigned: "#565e68" };

function style(colour = themed) {
  const [ink, paper, quiet] = [colour("ink", "#222"), colour("raised", "#fff"), colour("soft", "#667")];
  const signs = { up: colour("up", "#0b6e4f"), down: colour("down", "#a63f00"), unsigned: colour("unsigned", quiet) };
  const signed = Object.entries(signs).flatMap(([sign, tint]) => [
    { selector: `node[sign = "${sign}"]`, style: { "border-color": tint } },
    { selector: `edge[sign = "${sign}"]`, style: { "line-color": tint, "target-arrow-color": tint } },
  ]);
  return [
    {
      selector: "node",
      style: {
        label: "data(text)",
        shape: "round-rectangle",
        width: "data(width)",
        height: "data(height)",
        padding: 9,
        color: ink,
        "background-color": paper,
        "border-width": 1.5,
        "font-size": FONT_SIZE,
        "line-height": LINE_HEIGHT / FONT_SIZE,
        "font-family": getComputedStyle(document.body).fontFamily,
        "text-wrap": "wrap",
        "text-max-width": 1000,
        "text-valign": "center",
      },
    },
    { selector: 'node[kind = "treatment"]', style: { shape: "cut-rectangle", "border-width": 3, "border-color": ink } },
    { selector: 'node[kind = "mechanism"]', style: { shape: "barrel", "border-style": "double", "border-width": 4 } },
    { selector: "edge", style: { width: 2, "arrow-scale": 1.2 } },
    { selector: 'edge[sign = "up"]', style: { "target-arrow-shape": "triangle" } },
    { selector: 'edge[sign = "down"]', style: { "target-arrow-shape": "tee" } },
    { selector: 'edge[sign = "unsigned"]', style: { "line-style": "dashed", "target-arrow-shape": "none" } },
    ...signed,
    { selector: "[!asserted]", style: { opacity: 0.62 } },
    { selector: ".near", style: { "underlay-color": colour("accent", "#1f5fa8"), "underlay-opacity": 0.18, "underlay-padding": 5 } },
  ];
}

function elements({ nodes, edges }) {
  const form = {
    font: `${FONT_SIZE}px ${getComputedStyle(document.body).fontFamily}`,
    lineHeight: LINE_HEIGHT,
    width: 160,
    lang: document.documentElement.lang,
  };
  return [
    ...nodes.map((node) => ({
      group: "nodes",
      data: { ...node, asserted: Number(node.asserted), ...wrapped(MARKS[node.sign] + node.label, form) },
    })),
    ...edges.map((edge) => ({ group: "edges", data: { ...edge, asserted: Number(edge.asserted) } })),
  ];
}

/** Give the drawing a style and lay it out from left to right, on a phone from top to bottom: the one undoes the other. */
function dress(drawing, dressed) {
  drawing.style(dressed);
  drawing
    .layout({
      name: "dagre",
      rankDir: narrow.matches ? "TB" : "LR",
      nodeSep: 18,
      rankSep: narrow.matches ? 34 : 56,
      edgeSep: 14,
      animate: false,
      fit: false,
      useDagreEdgeControlPoints: true, // steps go around what lies between
      automaticDagreEdgeStyle: true,
    })
    .run();
}

/** Arrange the drawing, and give it the height it needs. */
function arrange(drawing) {
  keep(drawing);
  dress(drawing, style());
  const box = drawing.elements().boundingBox();
  const scale = Math.min(1.1, place.clientWidth / (box.w + 24));
  place.style.height = `${Math.ceil(Math.min(Math.max(box.h * scale + 32, 180), 900))}px`;
  drawing.resize();
  drawing.fit(undefined, 12);
  if (drawing.zoom() > 1.1) {
    drawing.zoom(1.1);
    drawing.center();
  }
}

/** Keep a picture of the drawing for print: a canvas has the colours of the screen. */
function keep(drawing) {
  const picture = document.getElementById("study-paper");
  dress(drawing, style((name, otherwise) => PAPER[name] ?? otherwise));
  picture.src = drawing.png({ full: true, scale: 2, maxWidth: 4000, maxHeight: 4000, bg: PAPER.raised });
  picture.hidden = false;
}

/** Show what a step or an activity hangs together with; a second look at a node leads to its page. */
function highlight(drawing) {
  drawing.on("dbltap", "node", ({ target }) => target.data("href") && location.assign(target.data("href")));
  drawing.on("tap mouseover", "node, edge", ({ target }) => {
    drawing.elements().removeClass("near");
    (target.isNode() ? target.closedNeighborhood() : target.union(target.connectedNodes())).addClass("near");
  });
  drawing.on("mouseout", () => drawing.elements().removeClass("near"));
}

/** Make a file of the drawing, on the page's own paper. */
function offer(drawing) {
  const button = document.querySelector("[data-graph-png]");
  if (!button) return;
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = drawing.png({ full: true, scale: 2, bg: themed("raised", "#fff") });
    link.download = `${button.dataset.graphPng || "story"}.png`;
    link.click();
  });
}

/** Cytoscape writes one rule into the page; the policy forbids that, and `draw` does what it says. */
function withoutInlineStyle() {
  const taken = document.createElement("template");
  taken.id = "__________cytoscape_stylesheet";
  document.head.append(taken);
}

async function draw() {
  const response = await fetch(place.dataset.graph);
  if (!response.ok) return; // the table says it all
  withoutInlineStyle();
  place.hidden = false;
  document.getElementById("study-key")?.removeAttribute("hidden");
  place.style.position = "relative";
  const drawing = cytoscape({
    container: place,
    elements: elements(await response.json()),
    pixelRatio: Math.max(2, devicePixelRatio),
    userZoomingEnabled: false,
    userPanningEnabled: false,
    autoungrabify: true,
    boxSelectionEnabled: false,
  });
  arrange(drawing);
  highlight(drawing);
  offer(drawing);
  narrow.addEventListener("change", () => arrange(drawing));
  dark.addEventListener("change", () => arrange(drawing));
  addEventListener("resize", () => arrange(drawing));
  place.dataset.ready = "";
}

if (place) draw();
