// reading: what YASGUI draws in, the same with names for screen readers, in the reader's language, kept so as it changes.
import { CHINESE } from "./chinese.js";

const LABELS = [
  [".tableSizer", "page_size"],
  [".CodeMirror-hints", "suggestions"],
  [".tabContextButton", "tab_menu"],
  [".yasqe_sharePopup input", "permalink"],
];

/** Name and translate what is there, and what comes. */
export function attend(place, add, { words, lang }) {
  const translate = translator(lang === "zh" ? CHINESE : {});
  const mend = () => {
    mendTabs(place, add, words);
    for (const [selector, word] of LABELS) {
      for (const element of place.querySelectorAll(selector)) element.setAttribute("aria-label", words[word]);
    }
    for (const chip of place.querySelectorAll(".yasr_response_chip")) chip.setAttribute("role", "status");
    for (const results of place.querySelectorAll(".yasr_results, .CodeMirror-scroll")) results.tabIndex = 0;
    translate(place);
  };
  mend();
  new MutationObserver(mend).observe(place, { childList: true, subtree: true });
}

/** Give the list of tabs nothing but tabs: what adds one stands beside it. */
function mendTabs(place, add, words) {
  const list = place.querySelector(".tabsList");
  if (list && !place.querySelector(".new-query")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "new-query";
    button.textContent = words.new_query;
    button.addEventListener("click", add);
    list.before(button);
  }
  for (const close of place.querySelectorAll(".closeTab")) close.removeAttribute("tabindex");
  for (const rename of place.querySelectorAll(".tab input")) rename.setAttribute("aria-label", words.rename);
}

/** Make a function that puts texts, titles and labels in the reader's language; the phrases are patterns. */
function translator(phrases) {
  const rules = Object.entries(phrases).map(([pattern, said]) => [new RegExp(`^${pattern}$`), said]);
  const said = (text) => {
    const rule = rules.find(([pattern]) => pattern.test(text.trim()));
    return rule ? text.trim().replace(...rule) : text;
  };
  return (place) => {
    if (!rules.length) return;
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT, {
      acceptNode: (node) =>
        node.parentElement.closest(".CodeMirror-code, .yasr_results td, .tab, .complaint")
          ? NodeFilter.FILTER_REJECT
          : NodeFilter.FILTER_ACCEPT,
    });
    while (walker.nextNode()) change(walker.currentNode, "data", said);
    for (const element of place.querySelectorAll("[title], [aria-label], [placeholder]")) {
      for (const name of ["title", "ariaLabel", "placeholder"]) if (element[name]) change(element, name, said);
    }
  };
}

function change(node, name, said) {
  const now = said(node[name]);
  if (now !== node[name]) node[name] = now;
}
