// complaint: what the endpoint says is wrong in, the sentence with line and caret out, and the place in the editor marked.

const MARK = "complained-of";

/** Draw a problem document (RFC 9457). Anything else is left to YASR. */
export async function complain(error, yasqe, words) {
  const problem = read(error.text);
  if (!problem) return error.text && /abort/i.test(error.text) ? drawn(words.stopped, "") : undefined;
  const box = drawn(problem.title, problem.detail);
  if (yasqe && problem.line && problem.column) {
    mark(yasqe, problem);
    box.append(wayTo(yasqe, problem, words));
  }
  return box;
}

/** Take away the mark of an earlier complaint. */
export function unmark(yasqe) {
  for (const each of yasqe.getDoc().getAllMarks()) if (each.className === MARK) each.clear();
  yasqe.getDoc().eachLine((line) => void yasqe.removeLineClass(line, "background", MARK));
}

function read(text) {
  try {
    const found = JSON.parse(text);
    return found.title && found.detail ? found : undefined;
  } catch {
    return undefined;
  }
}

function drawn(title, detail) {
  const box = document.createElement("div");
  box.className = "complaint";
  box.setAttribute("role", "alert");
  const head = document.createElement("strong");
  head.textContent = title;
  const told = document.createElement("pre");
  told.textContent = detail;
  box.append(head, told);
  return box;
}

function mark(yasqe, { line, column }) {
  const from = { line: line - 1, ch: column - 1 };
  yasqe.addLineClass(from.line, "background", MARK);
  yasqe.getDoc().markText(from, { ...from, ch: from.ch + 1 }, { className: MARK });
}

function wayTo(yasqe, { line, column }, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.goto.replace("{line}", line).replace("{column}", column);
  button.addEventListener("click", () => {
    yasqe.focus();
    yasqe.getDoc().setCursor({ line: line - 1, ch: column - 1 });
  });
  return button;
}
