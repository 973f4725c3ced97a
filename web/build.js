// build: src/ in, one ES module for each page's script out, in the folder that the first argument names, with licences.
import { build } from "esbuild";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const [outdir = "out"] = process.argv.slice(2);

await build({
  entryPoints: readdirSync("src").filter((name) => name.endsWith(".js")).map((name) => `src/${name}`),
  outdir,
  bundle: true,
  splitting: true, // what two pages share is loaded once, and the chart only when somebody wants one
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none", // all licences are in one file
  chunkNames: "part-[hash]",
  logLevel: "warning",
});

/** Give the name, the licence and its text of each package that a reader's browser gets. */
function licences() {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf-8"));
  return Object.entries(packages)
    .filter(([path, told]) => path && !told.dev && !told.optional && existsSync(path))
    .map(([path, told]) => {
      const file = readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
      const text = file ? readFileSync(`${path}/${file}`, "utf-8").trim() : "(no licence file in the package)";
      return `${path.replace(/^.*node_modules\//, "")} ${told.version}: ${told.license ?? "?"}\n\n${text}\n`;
    });
}

writeFileSync(`${outdir}/licences.txt`, licences().join(`\n${"-".repeat(80)}\n\n`));
