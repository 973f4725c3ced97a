// Completion for every search field that names where suggestions are: a combobox as WAI-ARIA describes it.
// Without this script the fields are plain forms.

const PAUSE = 120;

function completing(field) {
  const list = document.createElement("ul");
  list.className = "suggested";
  list.id = `${field.id}-suggested`;
  list.role = "listbox";
  list.setAttribute("aria-label", field.labels[0]?.textContent.trim() ?? "");
  list.hidden = true;
  field.after(list);
  field.role = "combobox";
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  let chosen = -1;
  let timer = 0;
  let asked = null;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    const options = [...list.children];
    chosen = (index + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === chosen)));
    options[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", options[chosen].id);
  };

  const show = (found) => {
    list.replaceChildren(
      ...found.map((each, number) => {
        const option = document.createElement("li");
        option.role = "option";
        option.id = `${list.id}-${number}`;
        option.dataset.href = each.href;
        option.setAttribute("aria-selected", "false");
        const name = document.createElement("span");
        name.textContent = each.label;
        const kind = document.createElement("small");
        kind.textContent = [each.matched, each.kind].filter(Boolean).join(" · ");
        option.append(name, kind);
        return option;
      }),
    );
    chosen = -1;
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
    field.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    asked?.abort();
    const text = field.value.trim();
    if (!text) {
      close();
      return;
    }
    asked = new AbortController();
    try {
      const reply = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q: text })}`, { signal: asked.signal });
      if (reply.ok) show(await reply.json());
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
      event.preventDefault();
    } else if (event.key === "Enter" && chosen >= 0) {
      location.assign(list.children[chosen].dataset.href);
      event.preventDefault();
    }
  });
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("li");
    if (option) location.assign(option.dataset.href);
    event.preventDefault();
  });
  field.addEventListener("blur", () => setTimeout(close, 100));
}

document.querySelectorAll("input[data-suggest]").forEach(completing);
