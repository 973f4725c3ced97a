// sparql: the page's own data in, YASGUI set up for this endpoint out. It asks nobody but the server of this page.
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./sparql/sparql.css";
import { Chart } from "./sparql/chart.js";
import { completers } from "./sparql/completion.js";
import { complain, unmark } from "./sparql/complaint.js";
import { followOwn } from "./sparql/links.js";
import { attend } from "./sparql/reading.js";

const told = JSON.parse(document.getElementById("sparql-data").textContent);
const place = document.getElementById("yasgui");
const endpoint = new URL(told.endpoint, location.href).href;

/** What each request says. A permalink may not change it: whatever it brings is put back to this. */
function request() {
  return {
    endpoint,
    method: "POST",
    acceptHeaderSelect: "application/sparql-results+json",
    acceptHeaderGraph: "text/turtle",
    args: [],
    headers: { "Accept-Language": told.lang },
    namedGraphs: [],
    defaultGraphs: [],
    withCredentials: false,
  };
}

/** Have the longest namespace that fits shorten an address: `study:zhu-lf-2020`, not `exonto:study/zhu-lf-2020`. */
function longestFirst(prefixes) {
  return Object.fromEntries(Object.entries(prefixes).sort(([, a], [, b]) => b.length - a.length));
}

/** Give what a new tab has besides its query: plain values in the table, without row numbers and datatypes. */
function fresh() {
  return {
    requestConfig: request(),
    yasr: { settings: { selectedPlugin: "table", pluginsConfig: { table: { compact: true, isEllipsed: false } } } },
  };
}

function start() {
  const { Yasqe, Yasr } = Yasgui;
  for (const completer of completers(told, endpoint)) Yasqe.forkAutocompleter(completer.name, completer);
  Yasr.registerPlugin("chart", Chart.saying(told.words), true);
  Yasr.defaults.errorRenderers = [(error) => complain(error, yasgui?.getTab()?.getYasqe(), told.words)];
  Yasr.defaults.prefixes = longestFirst(told.prefixes);
  Yasr.defaults.pluginOrder = ["table", "chart", "response"];
  Yasr.defaults.maxPersistentResponseSize = 100_000;
  let yasgui;
  yasgui = new Yasgui(place, {
    autofocus: false,
    persistenceId: "exo-onto",
    tabName: told.words.query,
    requestConfig: request(),
    endpointCatalogueOptions: { getData: () => [{ endpoint }], keys: [] },
    populateFromUrl: (tab) => ({ ...tab, requestConfig: request() }),
    autoAddOnInit: false,
    yasqe: {
      value: told.taste,
      prefixCcApi: null,
      screenReaderLabel: told.words.editor,
      extraKeys: { Tab: false, "Shift-Tab": false }, // Tab leaves the editor: nobody is caught in it
      editorHeight: "22rem",
    },
  });
  Object.assign(yasgui.config.requestConfig, request());
  if (!yasgui.getTab()) yasgui.addTab(true, fresh());
  yasgui.on("query", (_, tab) => unmark(tab.getYasqe()));
  return yasgui;
}

/** Put a shipped question into a tab of its own, or into the one that has it, and run it. */
function ask(yasgui, question) {
  const tab = yasgui.addTab(
    true,
    { ...fresh(), name: question.title, yasqe: { value: question.text } },
    { avoidDuplicateTabs: true },
  );
  yasgui.getTab().query().catch(() => {}); // what goes wrong is shown in the place of the results
  return tab;
}

document.getElementById("sparql-form")?.setAttribute("hidden", "");
const yasgui = start();
attend(place, () => yasgui.addTab(true, fresh()), told);
followOwn(place, told);

const questions = new Map(told.questions.map((question) => [question.name, question]));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-question]");
  const question = button && questions.get(button.dataset.question);
  if (question) {
    event.preventDefault();
    history.replaceState(null, "", `?question=${encodeURIComponent(question.name)}`);
    ask(yasgui, question);
    place.scrollIntoView({ block: "start" });
  }
});
if (questions.has(told.asked)) ask(yasgui, questions.get(told.asked));
place.dataset.ready = "";
