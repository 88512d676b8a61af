// What tests of the page of `eyas report` share: eyas, a headless Chromium, TAP.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const { EYAS, CHROMIUM, srcdir, MODULES } = process.env;
export const source = (path) => join(resolve(srcdir), path);
export const work = mkdtempSync(join(tmpdir(), "eyas-report-"));
const require = createRequire(join(resolve(MODULES), "x"));
const { chromium } = require("playwright-core");
export const axeSource = () => require("node:fs").readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Runs eyas in the source tree; what it printed, with the statuses that are good. */
export function eyas(args, good = [0]) {
	try {
		return execFileSync(resolve(EYAS), args, { cwd: resolve(srcdir), encoding: "utf8", maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "pipe"] });
	} catch (e) {
		if (good.includes(e.status)) return e.stdout;
		throw new Error(`eyas ${args.join(" ")}: status ${e.status}: ${e.stderr}`);
	}
}

let pages = 0;
/** The page of a trace: its path. */
export function reportOf(trace, options = [], good = [0]) {
	const path = join(work, `${++pages}.html`);
	eyas(["report", ...options, "-o", path, trace], good);
	return path;
}

export function file(name, text) {
	const path = join(work, name);
	writeFileSync(path, text);
	return path;
}

let browser;
/** Opens a page from disk. What it asks for, says on the console and fails with is in `page.seen`. */
export async function open(path, { hash = "", scheme = "light", width = 1360, height = 900 } = {}) {
	browser ??= await chromium.launch({
		executablePath: CHROMIUM,
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
	});
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
	const page = await context.newPage();
	page.seen = { requests: [], errors: [] };
	page.on("request", (r) => page.seen.requests.push(r.url()));
	page.on("pageerror", (e) => page.seen.errors.push(e.message));
	page.on("console", (m) => ["error", "warning"].includes(m.type()) && page.seen.errors.push(m.text()));
	page.on("dialog", (d) => {
		page.seen.errors.push(`a dialog: ${d.message()}`);
		d.dismiss();
	});
	await page.goto(`file://${path}${hash}`);
	await page.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 120000 });
	return page;
}

const tests = [];
/** With PAGE_TESTS=WORDS only those with these words in their names are run. */
export const test = (name, run) => name.includes(process.env.PAGE_TESTS ?? "") && tests.push([name, run]);

export function equal(got, want, what = "") {
	if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

export function ok(value, what) {
	if (!value) throw new Error(what);
}

export const note = (text) => console.log(`# ${text}`);

export async function run() {
	if (!tests.length) {
		console.log("Bail out! no test has this name");
		process.exit(99);
	}
	console.log(`1..${tests.length}`);
	let failed = 0;
	for (const [i, [name, body]] of tests.entries()) {
		try {
			await body();
			console.log(`ok ${i + 1} - ${name}`);
		} catch (e) {
			failed++;
			for (const line of String(e.stack ?? e).split("\n")) console.log(`# ${line}`);
			console.log(`not ok ${i + 1} - ${name}`);
		}
	}
	await browser?.close();
	rmSync(work, { recursive: true });
	process.exit(failed ? 1 : 0);
}
