// wrapping: a label, its font and a width in, the label in lines that fit and the size they take out.

const canvas = document.createElement("canvas").getContext("2d");

/** Break a label where words end in its language, which Chinese does without spaces. */
export function wrapped(label, { font, lineHeight, width, lang }) {
  canvas.font = font;
  const lines = [""];
  for (const { segment } of new Intl.Segmenter(lang, { granularity: "word" }).segment(label)) {
    const longer = lines.at(-1) + segment;
    if (canvas.measureText(longer.trimEnd()).width <= width || lines.at(-1) === "" || /^[\s\p{P}]$/u.test(segment)) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(segment.trimStart());
    }
  }
  const shown = lines.map((line) => line.trim());
  return {
    text: shown.join("\n"),
    width: Math.ceil(Math.max(...shown.map((line) => canvas.measureText(line).width))),
    height: shown.length * lineHeight,
  };
}
