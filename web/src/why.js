// why? unfolds a proof in place. Without this script each link leads to the proof on a page of its own.

/** Put a proof below what it proves: within a table, as a row of its own. */
function place(proof, link) {
  const row = link.closest("tr");
  if (!row) {
    (link.closest("[data-unfold]") ?? link).append(proof);
    return;
  }
  const cell = document.createElement("td");
  cell.colSpan = row.cells.length;
  cell.className = "wide";
  cell.append(proof);
  const below = document.createElement("tr");
  below.append(cell);
  row.after(below);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a.why");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const open = document.getElementById(link.getAttribute("aria-controls"));
  if (open) {
    open.hidden = !open.hidden;
    link.setAttribute("aria-expanded", String(!open.hidden));
    return;
  }
  link.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!reply.ok) throw new Error(`${reply.status}`);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const proof = page.getElementById("proof");
    proof.id = `proof-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
    proof.classList.add("unfolded");
    place(proof, link);
    link.role = "button";
    link.setAttribute("aria-controls", proof.id);
    link.setAttribute("aria-expanded", "true");
  } catch {
    location.assign(link.href);
  } finally {
    link.removeAttribute("aria-busy");
  }
});
