// build.mjs SOURCES NODE_MODULES PAGE: bundles the page of `eyas report` into one file without a reference to any other.
// Its Content-Security-Policy allows the one script and the one style sheet that are in it, by their hashes, and nothing
// else: what a trace calls its files cannot run, and the page cannot fetch anything.
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [sources, modules, page] = process.argv.slice(2).map((p) => resolve(p));
const { build } = createRequire(join(modules, "x"))("esbuild");
const sha256 = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const manifest = JSON.parse(readFileSync(join(sources, "package.json"), "utf8"));
const licences = Object.keys(manifest.dependencies)
	.filter((name) => name !== "esbuild")
	.map((name) => {
		const { version, license } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
		return { name, version, license, text: readFileSync(join(modules, name, "LICENSE"), "utf8") };
	});

const common = {
	absWorkingDir: sources,
	bundle: true,
	write: false,
	minify: true,
	charset: "utf8",
	legalComments: "none", // the licences are in the page
	target: ["chrome114", "firefox115", "safari16.4"],
	nodePaths: [modules],
	logLevel: "warning",
};
const script = await build({
	...common,
	entryPoints: ["src/main.jsx"],
	format: "iife",
	jsx: "automatic",
	jsxImportSource: "preact",
	define: { LICENCES: JSON.stringify(licences) },
});
const style = await build({ ...common, entryPoints: ["page.css"] });
// Neither may end the element it stands in.
const js = script.outputFiles[0].text.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const css = style.outputFiles[0].text.trim();
if (/<\/style/i.test(css)) throw new Error("the style sheet holds </style");

const policy = [
	"default-src 'none'",
	`script-src ${sha256(js)}`,
	`style-src ${sha256(css)}`,
	"img-src data: blob:",
	"base-uri 'none'",
	"form-action 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
].join("; ");
const parts = { POLICY: policy, STYLE: css, SCRIPT: js };
const html = readFileSync(join(sources, "page.html"), "utf8").replace(/@(POLICY|STYLE|SCRIPT)@/g, (_, name) => parts[name]);
if (html.split("@EYAS_REPORT@").length !== 2) throw new Error("the page must have one place for the report");
writeFileSync(page + ".tmp", html);
renameSync(page + ".tmp", page);
