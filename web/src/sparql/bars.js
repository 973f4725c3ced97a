// bars: groups with their amounts in, a drawing out (Observable Plot). Loaded only when a chart is looked at.
import { axisX, barX, plot } from "@observablehq/plot";

const MOST = 60;
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f7f7f", "#b5a642"]; // Okabe, Ito

/** Draw horizontal bars, longest first. */
export function bars(groups, { by, width, title }) {
  const names = [...new Set(groups.map((group) => group.of))].slice(0, MOST);
  const shown = groups.filter((group) => names.includes(group.of));
  const longest = Math.max(4, ...names.map((name) => name.length));
  return plot({
    width: Math.min(width, 1100),
    height: 90 + names.length * 22,
    marginBottom: 48,
    marginLeft: Math.min(width * 0.45, 14 + longest * 7),
    marginRight: 24,
    ariaLabel: title,
    style: { background: "transparent", fontSize: "12px" },
    x: { label: title, grid: true, nice: true },
    y: { domain: names, label: null },
    color: by ? { legend: true, range: COLOURS, label: by } : undefined,
    marks: [
      axisX({ labelOffset: 40, tickFormat: (value) => (Number.isInteger(value) ? String(value) : "") }),
      barX(shown, { x: "amount", y: "of", fill: by ? "by" : COLOURS[0], title: (group) => `${group.of}${group.by ? ` · ${group.by}` : ""}: ${group.amount}` }),
    ],
  });
}
