// chart: a table of results in, bars out: one for each value of a column, as long as the sum of another or its rows.

const SVG = "http://www.w3.org/2000/svg";
const ICON = "M1 1h2v14H1zM5 9h3v6H5zM9 5h3v10H9zM13 7h3v8h-3z";
const MOST = 60; // bars
const COLOURS = 8;

/** YASR's plugin. The chart's library is loaded when somebody looks at a chart. */
export class Chart {
  static words = {};
  priority = 5;

  /** Give the plugin with its words in the reader's language. */
  static saying(words) {
    return class extends Chart {
      words = words;
      label = words.chart;
    };
  }

  constructor(yasr) {
    this.yasr = yasr;
    this.chosen = {};
  }

  canHandleResults() {
    return (this.yasr.results?.getVariables()?.length ?? 0) > 0 && (this.yasr.results.getBindings()?.length ?? 0) > 0;
  }

  getIcon() {
    const icon = document.createElementNS(SVG, "svg");
    icon.setAttribute("viewBox", "0 0 17 16");
    icon.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", ICON);
    icon.append(path);
    return icon;
  }

  async draw() {
    const { bars } = await import("./bars.js");
    const table = tabled(this.yasr);
    const figure = document.createElement("div");
    const controls = this.controls(table, () => this.redraw(figure, table, bars));
    this.yasr.resultsEl.append(controls, figure);
    this.redraw(figure, table, bars);
  }

  redraw(figure, table, bars) {
    const groups = counted(table, this.chosen);
    const title = this.words.charted
      .replace("{value}", this.chosen.value ?? this.words.rows)
      .replace("{of}", this.chosen.of);
    this.drawn = bars(groups, { ...this.chosen, width: figure.clientWidth || 800, title });
    const left = new Set(groups.map((group) => group.of)).size - MOST;
    const note = document.createElement("p");
    note.textContent = left > 0 ? this.words.more.replace("{count}", left) : "";
    figure.replaceChildren(this.drawn, note);
  }

  controls(table, changed) {
    const { columns, numeric } = table;
    const others = columns.filter((column) => !numeric.includes(column));
    if (!columns.includes(this.chosen.of)) this.chosen = guessed(table, others);
    const form = document.createElement("form");
    form.className = "chart-controls";
    form.append(
      this.choice("of", this.words.bar_for, columns, changed),
      this.choice("value", this.words.length, numeric, changed, this.words.rows),
      this.choice("by", this.words.colour, others, changed, this.words.none),
    );
    return form;
  }

  choice(name, label, columns, changed, without) {
    const select = document.createElement("select");
    if (without) select.append(new Option(without, ""));
    for (const column of columns) select.append(new Option(column, column));
    select.value = this.chosen[name] ?? "";
    select.addEventListener("change", () => {
      this.chosen = { ...this.chosen, [name]: select.value || undefined };
      changed();
    });
    const wrapped = document.createElement("label");
    wrapped.append(`${label} `, select);
    return wrapped;
  }

  download(name) {
    if (!this.drawn) return undefined;
    const getData = () => new XMLSerializer().serializeToString(this.drawn.querySelector("svg") ?? this.drawn);
    return { contentType: "image/svg+xml", filename: `${name || "chart"}.svg`, title: this.words.svg, getData };
  }
}

/** Read the rows as plain values: names shortened, numbers as numbers. */
function tabled(yasr) {
  const columns = yasr.results.getVariables();
  const prefixes = Object.entries(yasr.getPrefixes());
  const rows = yasr.results.getBindings();
  const numeric = columns.filter((column) => rows.every((row) => !row[column] || isNumber(row[column])) && rows.some((row) => row[column]));
  const plain = (term) => (term?.type === "uri" ? short(term.value, prefixes) : (term?.value ?? ""));
  return {
    columns,
    numeric,
    rows: rows.map((row) =>
      Object.fromEntries(
        columns.map((column) => [column, numeric.includes(column) ? Number(row[column]?.value) : plain(row[column])]),
      ),
    ),
  };
}

/** Choose what to draw first: a bar for each value that comes more than once, or else each row's first number. */
function guessed({ columns, numeric, rows }, others) {
  const kinds = (column) => new Set(rows.map((row) => row[column])).size;
  const telling = others
    .map((column) => [column, kinds(column)])
    .filter(([, count]) => count > 1 && count < rows.length)
    .sort(([, a], [, b]) => a - b);
  if (!telling.length) return { of: others[0] ?? columns[0], value: numeric[0] };
  const [[of], [by, colours] = []] = telling;
  return { of, by: colours <= COLOURS ? by : undefined };
}

function isNumber(term) {
  return /#(integer|decimal|double|float|(non|positive|negative)\w*|int|long|short|byte|unsigned\w+)$/.test(term.datatype ?? "");
}

function short(iri, prefixes) {
  const found = prefixes.find(([, namespace]) => iri.startsWith(namespace));
  return found ? `${found[0]}:${iri.slice(found[1].length)}` : iri;
}

/** Add up the rows by the chosen column, and by colour within it; the longest bars first, as many as can be read. */
function counted({ rows }, { of, value, by }) {
  const groups = new Map();
  const sums = new Map();
  for (const row of rows) {
    const amount = value ? row[value] || 0 : 1;
    const key = JSON.stringify([row[of], by && row[by]]);
    const group = groups.get(key) ?? { of: String(row[of]), by: by && String(row[by]), amount: 0 };
    group.amount += amount;
    groups.set(key, group);
    sums.set(group.of, (sums.get(group.of) ?? 0) + amount);
  }
  return [...groups.values()].sort((a, b) => sums.get(b.of) - sums.get(a.of));
}
