// live: what `serve --watch` tells as it happens in, the page over the new graph out, or what there is to mend.

const { live, snapshot } = document.documentElement.dataset;
const note = document.getElementById("live");
const { building, wrong, remedy, more } = note.dataset;
const SHOWN = 3;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function show(...parts) {
  note.replaceChildren(...parts);
  note.hidden = !parts.length;
}

function place({ file, line }) {
  return file ? `${file}${line ? `:${line}` : ""}` : "";
}

/** Say of one thing what kind it is, where it stands, what is wrong, and what to do. */
function told(each) {
  const item = element("li", "");
  item.append(element("b", each.kind), " ", element("span", place(each), { class: "mono quiet" }));
  item.append(element("div", each.what, { lang: each.language }));
  if (each.remedy) item.append(element("div", remedy.replace("{what}", () => each.remedy)));
  return item;
}

/** Say what is wrong, the first things whole, and how many more there are; or why nothing could be built. */
function mend({ diagnostics, failure }) {
  const found = diagnostics.filter(({ severity }) => severity !== "info");
  const list = element("ul", "", { class: "plain" });
  list.append(...found.slice(0, SHOWN).map(told));
  if (found.length > SHOWN) list.append(element("li", more.replace("{number}", found.length - SHOWN)));
  show(element("strong", wrong), failure ? element("div", failure) : list);
}

function heard({ data }) {
  const state = JSON.parse(data);
  if (state.serving && state.serving !== snapshot) location.reload();
  else if (state.state === "building") show(building);
  else if (state.state === "served") show();
  else mend(state);
}

const events = new EventSource(live);
for (const name of ["state", "building", "served", "wrong", "failed"]) events.addEventListener(name, heard);
addEventListener("pagehide", () => events.close());
