// live: what `serve --watch` tells as it happens in, the page over the new graph out, or what there is to mend.

const { live, snapshot } = document.documentElement.dataset;
const note = document.getElementById("live");

function show(text) {
  note.textContent = text;
  note.hidden = !text;
}

function place({ file, line }) {
  return file ? `${file}${line ? `:${line}` : ""}: ` : "";
}

/** Say what is wrong first, and how much more there is; or why nothing could be built. */
function wrong({ diagnostics, failure }) {
  const [first, ...more] = diagnostics.filter(({ severity }) => severity !== "info");
  const told = failure ?? (first ? place(first) + first.what : "");
  return `${note.dataset.wrong} ${told}${more.length ? ` (+${more.length})` : ""}`;
}

function heard({ data }) {
  const state = JSON.parse(data);
  if (state.serving && state.serving !== snapshot) location.reload();
  else if (state.state === "building") show(note.dataset.building);
  else if (state.state === "served") show("");
  else show(wrong(state));
}

const events = new EventSource(live);
for (const name of ["state", "building", "served", "wrong", "failed"]) events.addEventListener(name, heard);
addEventListener("pagehide", () => events.close());
