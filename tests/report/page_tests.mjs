// The page of `eyas report` in headless Chromium: it opens from disk, filters, zooms, folds; it can be used by keyboard and
// screen reader; nothing of the trace runs in it, and it fetches nothing.
import { axeSource, equal, eyas, file, note, ok, open, reportOf, run, source, test } from "./harness.mjs";

const INCIDENT = "traces/good/web-intrusion/incident.eyt";
const page_of_incident = reportOf(INCIDENT, ["-r", "rules"]);

const rowCount = async (page) => Number(await page.getAttribute(".grid", "aria-rowcount")) - 1;
const counted = (page) => page.textContent("[data-count]");
const row = (page, text) => page.locator(".grid-body .grid-row", { hasText: text }).first();
const tab = (page, name) => page.click(`#tab-${name}`);
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

function quiet(page) {
	equal(page.seen.errors, [], "errors");
	equal(page.seen.requests.filter((u) => !/^(file|data|blob):/.test(u)), [], "requests");
	equal(page.seen.requests.filter((u) => u.startsWith("file:")).length, 1, "files read");
}

test("it opens from disk, fetches nothing and shows what eyas replay says", async () => {
	const page = await open(page_of_incident);
	const alerts = eyas(["replay", "-r", "rules", "--quiet", INCIDENT]).trim().split("\n");
	equal(await rowCount(page), alerts.length, "alerts");
	equal(await page.title(), "web-1 – eyas report", "title");
	equal(await page.textContent("h1"), "eyas web-1", "heading");
	const first = await page.textContent("#alert-0");
	ok(first.includes("09:14:17.823") && first.includes("Error") && first.includes("Shell started by a web server"), `first alert: ${first}`);
	ok((await page.textContent(".warnings")).includes("No loss was recorded, and no damage was found."), "losses");
	ok((await page.textContent(".facts")).includes("78"), "events");
	quiet(page);
	await page.context().close();
});

test("filters narrow the alerts, together and back again", async () => {
	const page = await open(page_of_incident);
	const search = page.locator("input[type=search]");
	await search.fill("shadow cat");
	equal(await rowCount(page), 1, "by text");
	equal(await counted(page), "1 of 11 alerts", "count");
	await search.fill("nothing has this");
	equal(await rowCount(page), 0, "by a text of none");
	ok((await page.textContent(".grid-empty")).includes("No alert is left"), "said");
	await search.fill("");
	await page.selectOption("select >> nth=1", { label: "Critical or higher" });
	equal(await rowCount(page), 3, "by priority");
	await page.selectOption("select >> nth=1", "");
	await page.selectOption("select >> nth=2", { label: "Log file emptied (1)" });
	equal(await rowCount(page), 1, "by rule");
	await page.selectOption("select >> nth=2", "");
	await page.selectOption("select >> nth=3", "mitre_persistence");
	equal(await rowCount(page), 2, "by tag");
	await page.selectOption("select >> nth=3", "");
	equal(await rowCount(page), 11, "none");
	await page.click(".by-priority button:has-text('4 Warning')");
	equal(await rowCount(page), 10, "from the summary");
	quiet(page);
	await page.context().close();
});

test("the chart zooms by mouse, buttons and keys, and the lists follow", async () => {
	const page = await open(page_of_incident);
	const box = await page.locator(".u-over").boundingBox();
	await page.mouse.move(box.x + box.width * 0.6, box.y + 40);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 5 });
	await page.mouse.up();
	await settle(page);
	equal(await rowCount(page), 2, "alerts between 34 and 45 s");
	ok((await counted(page)).startsWith("2 of 11"), "count");
	await tab(page, "acts");
	equal(await rowCount(page), 2, "acts in it");
	await tab(page, "processes");
	const ran = await counted(page);
	ok(/^\d+ of 23 processes$/.test(ran), `processes that ran: ${ran}`);
	await tab(page, "alerts");
	await page.click(".lists .chip");
	equal(await rowCount(page), 11, "all again");
	await page.focus(".plot");
	await page.keyboard.press("+");
	await page.keyboard.press("+");
	await settle(page);
	const near = await rowCount(page);
	ok(near < 11, `by keys: ${near}`);
	await page.keyboard.press("ArrowRight");
	await page.keyboard.press("ArrowRight");
	await settle(page);
	ok((await page.textContent(".told")).includes("14.0 s"), `moved: ${await page.textContent(".told")}`);
	await page.keyboard.press("0");
	equal(await rowCount(page), 11, "by 0");
	await page.click("[aria-label='Zoom in']");
	ok((await rowCount(page)) < 11, "by a button");
	await page.click(".buttons >> text=All");
	equal(await rowCount(page), 11, "by a button, back");
	quiet(page);
	await page.context().close();
});

test("the tree folds by mouse and by keys, and says so", async () => {
	const page = await open(page_of_incident, { hash: "#list=processes" });
	equal(await rowCount(page), 23, "unfolded");
	equal(await page.getAttribute(".grid", "role"), "treegrid", "role");
	const shell = row(page, "sh -c curl");
	equal(await shell.getAttribute("aria-expanded"), "true", "open");
	equal(await shell.getAttribute("aria-level"), "4", "level");
	await shell.locator(".twisty").click();
	equal(await shell.getAttribute("aria-expanded"), "false", "closed");
	equal(await rowCount(page), 13, "without those below");
	ok((await shell.textContent()).includes("+10 below"), "alerts below are told");
	await shell.locator(".twisty").click();
	equal(await rowCount(page), 23, "open again");
	await shell.click();
	await page.focus(".grid");
	await page.keyboard.press("ArrowLeft");
	equal(await rowCount(page), 13, "ArrowLeft folds");
	await page.keyboard.press("ArrowLeft");
	equal(await page.locator(".grid-row.active .tree-name b").textContent(), "php-fpm8.2", "ArrowLeft again goes up");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("ArrowRight");
	equal(await rowCount(page), 23, "ArrowRight unfolds");
	await page.keyboard.press("ArrowRight");
	equal(await page.locator(".grid-row.active .tree-name b").textContent(), "curl", "ArrowRight again goes down");
	await page.keyboard.press("End");
	equal(await page.getAttribute(".grid", "aria-activedescendant"), "process-22", "End");
	await page.click("button:text-is('Fold all')");
	equal(await rowCount(page), 1, "fold all");
	await page.click("button:text-is('Unfold all')");
	equal(await rowCount(page), 23, "unfold all");
	await page.check(".filters input[type=checkbox]");
	equal(await counted(page), "7 of 23 processes", "with alerts");
	await page.fill("input[type=search]", "shadow");
	equal(await counted(page), "1 of 23 processes", "and by text");
	quiet(page);
	await page.context().close();
});

test("an alert leads to its process, and that to its files, connections, parents and children", async () => {
	const page = await open(page_of_incident);
	await row(page, "cat (2408)").click();
	let details = await page.textContent(".details");
	for (const part of ["Sensitive file read by an untrusted program", "2026-11-20T09:14:39.455760000Z", "rules/eyas_rules.yaml:", "T1003.008", "cat (2408)", "/etc/shadow", "eyas explain -r RULES", "--event 51"])
		ok(details.includes(part), `details of the alert: ${part}`);
	await page.click(".path >> text=sh (2401)");
	details = await page.textContent(".details");
	for (const part of ["sh (2401)", "Children (3)", "curl (2402)", "exit 0"]) ok(details.includes(part), `details of 2401: ${part}`);
	await page.click(".details .link >> text=curl (2402)");
	details = await page.textContent(".details");
	for (const part of ["Files (1)", "/tmp/.u", "wrote", "Connections (1)", "tcp", "192.0.2.10:44100", "198.51.100.7:80"]) ok(details.includes(part), `details of 2402: ${part}`);
	await page.click("text=Show in the tree");
	equal(await page.locator(".grid-row.active .tree-name b").textContent(), "curl", "in the tree");
	await page.click(".path >> text=sh (2401)");
	await page.click("text=11 alerts in and below it");
	equal(await rowCount(page), 11, "alerts below");
	quiet(page);
	await page.context().close();
});

test("everything can be done by keyboard", async () => {
	const page = await open(page_of_incident);
	await page.keyboard.press("/");
	equal(await page.evaluate(() => document.activeElement.type), "search", "/ goes to the search");
	await page.keyboard.type("history");
	equal(await rowCount(page), 1, "typed");
	await page.keyboard.press("Escape");
	await page.keyboard.press("2");
	equal(await page.getAttribute("#tab-acts", "aria-selected"), "true", "2 is the second list");
	await page.focus("#tab-acts");
	await page.keyboard.press("ArrowRight");
	equal(await page.evaluate(() => document.activeElement.id), "tab-processes", "arrows move between lists");
	await page.keyboard.press("1");
	await page.fill("input[type=search]", "");
	await page.focus(".grid");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("ArrowDown");
	equal(await page.getAttribute(".grid", "aria-activedescendant"), "alert-1", "arrows move in a list");
	equal(await page.getAttribute("#alert-1", "aria-selected"), "true", "it is selected");
	const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
	equal(outline, "solid", "the focus can be seen");
	quiet(page);
	await page.context().close();
});

test("addresses lead to an alert, a process, a list; made-up ones to nothing", async () => {
	let page = await open(page_of_incident, { hash: "#alert=6" });
	equal(await page.textContent("#details-alert"), "Sensitive file read by an untrusted program", "alert");
	equal(await page.textContent("#details-process"), "cat (2408)", "its process");
	await page.evaluate(() => (location.hash = "#pid=2404"));
	await settle(page);
	equal(await page.textContent("#details-process"), "sh (2404)", "pid");
	equal(await page.getAttribute("#tab-processes", "aria-selected"), "true", "in the tree");
	await row(page, "cat /etc/shadow").click();
	ok(/#process=\d+$/.test(page.url()), `the address follows: ${page.url()}`);
	await page.context().close();
	for (const hash of ["#alert=999", "#alert=-1", "#process=1e9", "#pid=0", "#list=<img>", "#%00", "#alert=__proto__"]) {
		page = await open(page_of_incident, { hash });
		equal(await rowCount(page), 11, hash);
		quiet(page);
		await page.context().close();
	}
});

test("light, dark and the choice between them", async () => {
	const light = await open(page_of_incident, { scheme: "light" }), dark = await open(page_of_incident, { scheme: "dark" });
	const back = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	ok((await back(light)) !== (await back(dark)), "the system's");
	const was = await back(dark);
	await light.selectOption("header select", "dark");
	equal(await back(light), was, "dark by choice");
	await light.selectOption("header select", "auto");
	ok((await back(light)) !== was, "the system's again");
	quiet(light);
	quiet(dark);
	await light.context().close();
	await dark.context().close();
});

test("paper gets all of it", async () => {
	const page = await open(page_of_incident, { scheme: "dark" });
	await page.emulateMedia({ media: "print" });
	await settle(page);
	equal(await page.locator("#app").isVisible(), false, "what scrolls is not printed");
	const text = await page.textContent("#print");
	for (const part of ["web-intrusion", "No loss was recorded", "Alerts (11)", "Shell history deleted", "Processes with alerts", "cat /etc/shadow", "Notable acts (11)"]) ok(text.includes(part), part);
	equal(await page.locator("#print table >> nth=0 >> tbody tr").count(), 11, "alerts");
	equal(await page.evaluate(() => getComputedStyle(document.querySelector("#print h1")).color), "rgb(0, 0, 0)", "ink");
	ok((await page.evaluate(() => document.querySelector("#print img").naturalWidth)) > 500, "the chart");
	const pdf = await page.pdf({ format: "A4" });
	ok(pdf.length > 20000, `a PDF of ${pdf.length} bytes`);
	await page.emulateMedia({ media: "screen" });
	await settle(page);
	equal(await page.textContent("#print"), "", "gone afterwards");
	equal(await page.locator("#app").isVisible(), true, "the page is back");
	quiet(page);
	await page.context().close();
});

for (const scheme of ["light", "dark"])
	test(`no barrier that axe knows of, ${scheme}`, async () => {
		const page = await open(page_of_incident, { scheme });
		const axe = axeSource();
		for (const list of ["alerts", "acts", "processes", "trace"]) {
			await tab(page, list);
			if (list !== "trace") await page.locator(".grid-body .grid-row >> nth=5").click();
			for (const d of await page.locator(".details details").all()) await d.evaluate((el) => (el.open = true));
			await page.evaluate(axe);
			const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
			const bad = violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.length} × ${v.nodes[0].html.slice(0, 160)} (${v.nodes[0].failureSummary?.split("\n")[1]?.trim()})`);
			for (const b of bad) note(`${list}: ${b}`);
			equal(violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => v.id), [], list);
		}
		await page.context().close();
	});

/* --- traces of strangers ----------------------------------------------------------------------- */

const BAD = '</script><script>globalThis.ran=1</script><img src=x onerror=globalThis.ran=2>';
const ODD = "\\xe2\\x80\\xa8\\xe2\\x80\\xae\\xff\\xfe\\x1b]0;owned\\x07\\x00";
const HOSTILE = `eyas-script 1
provenance {"recorder":"${BAD}","__proto__":{"x":1},"kernel":"<b>"}
machine hostname="<svg onload=globalThis.ran=3>" cpus=1 memory=1
user uid=0 gid=0 name="root<script>globalThis.ran=4</script>" home=/ shell=/bin/sh
thread tid=1 ptid=0 comm="<img onerror>" exe="${BAD}" exepath="/${BAD}${ODD}" args=["javascript:globalThis.ran=5","${ODD}"]
2026-11-20T09:14:00Z tid=1 openat fd=3 dirfd=AT_FDCWD name="/tmp/${BAD}${ODD}" flags=O_WRONLY|O_CREAT mode=0 dev=0 ino=0
+1ms tid=1 openat fd=4 dirfd=AT_FDCWD name="/etc/cron.d/\${globalThis.ran=6}{{constructor.constructor('ran=7')()}}" flags=O_WRONLY|O_CREAT mode=0 dev=0 ino=0
`;
const HOSTILE_RULES = `- rule: "x </script><img src=x onerror=globalThis.ran=8>"
  desc: "<script>globalThis.ran=9</script>"
  condition: evt.type = openat
  output: "<iframe srcdoc='<script>parent.ran=10</script>'> %fd.name %proc.cmdline %user.name"
  priority: CRITICAL
  tags: ["<b>tag</b>"]
`;

test("nothing of a hostile trace or rule runs, and what cannot be seen is shown", async () => {
	const page = await open(reportOf(file("hostile.eyt", HOSTILE), ["-r", file("rules.yaml", HOSTILE_RULES)]));
	equal(await rowCount(page), 2, "alerts");
	for (const list of ["alerts", "acts", "processes", "trace"]) {
		await tab(page, list);
		if (list !== "trace") await page.locator(".grid-body .grid-row >> nth=0").click();
		for (const d of await page.locator(".details details").all()) await d.evaluate((el) => (el.open = true));
		await settle(page);
		equal(await page.locator("img, svg, iframe, b:has-text('tag')").count(), 0, `${list}: elements that a name made`);
	}
	await tab(page, "processes");
	const text = await page.textContent(".details");
	ok(text.includes(BAD), "markup is shown as it is");
	ok(text.includes("\\u{2028}") && text.includes("\\u{202e}"), "what turns the text around is shown by its number");
	ok(text.includes("\\xff\\xfe"), "bytes that are no text, too");
	ok(text.includes("\\x1b]0;owned\\x07"), "control characters, too");
	// eslint-disable-next-line no-control-regex
	ok(!/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u202e]/.test(await page.textContent("body")), "none of them is in the page");
	await page.emulateMedia({ media: "print" });
	await settle(page);
	equal(await page.locator("#print iframe, #print svg").count(), 0, "on paper");
	await page.waitForTimeout(200);
	equal(await page.evaluate(() => typeof globalThis.ran), "undefined", "a script ran");
	equal(await page.evaluate(() => ({}).x ?? null), null, "a prototype was changed");
	quiet(page);
	await page.context().close();
});

test("the policy holds even for a script that somebody got into the page", async () => {
	const page = await open(page_of_incident);
	const said = await page.evaluate(async () => {
		const blocked = [];
		document.addEventListener("securitypolicyviolation", (e) => blocked.push(e.effectiveDirective));
		const tried = (f) => {
			try {
				f();
			} catch {
				// refused at once
			}
		};
		const s = document.createElement("script");
		tried(() => (s.textContent = "globalThis.ran = 1"));
		document.body.append(s);
		tried(() => (document.body.lastChild.innerHTML = "<img src=x onerror='globalThis.ran = 2'>"));
		const i = new Image();
		i.src = "https://example.com/x.png";
		document.body.append(i);
		await fetch("https://example.com/").catch(() => {});
		await new Promise((done) => setTimeout(done, 200));
		return { blocked: [...new Set(blocked)].sort(), ran: globalThis.ran ?? null };
	});
	equal(said.ran, null, "ran");
	for (const what of ["connect-src", "img-src", "require-trusted-types-for"]) ok(said.blocked.includes(what), `${what} was not held: ${said.blocked}`);
	await page.context().close();
});

test("losses and damage stand on top", async () => {
	const lost = file("lost.eyt", "eyas-script 1\nthread tid=1 ptid=0 comm=a exe=a\n2026-11-20T09:14:00Z tid=1 getuid uid=0\nloss count=7 cause=buffer_full\n+1s tid=1 getuid uid=0\n");
	let page = await open(reportOf(lost));
	let text = await page.textContent(".warnings");
	ok(text.includes("7 events (77.78 %) were lost in recording: buffer full 7."), text);
	ok(text.includes("No rules were run"), "and that there were no rules");
	await page.context().close();
	page = await open(reportOf("traces/bad/cut-event/cut-event.scap", ["-r", "rules"], [3]));
	text = await page.textContent(".warnings");
	ok(text.includes("The trace is damaged"), text);
	quiet(page);
	await page.context().close();
});

/* --- much -------------------------------------------------------------------------------------- */

function large(processes, alerts) {
	const lines = ["eyas-script 1", "machine hostname=large cpus=64 memory=1", "thread tid=1 ptid=0 comm=init exe=/sbin/init exepath=/sbin/init", "2026-11-20T09:00:00Z tid=1 getuid uid=0"];
	for (let i = 0; i < processes; i++) {
		const tid = i + 2, parent = i < 100 ? 1 : 2 + Math.floor((i - 100) / 10);
		lines.push(`+10us tid=${tid} clone res=0 exe=/usr/bin/worker args=[--shard,${i}] tid=${tid} pid=${tid} ptid=${parent} comm=worker${i % 100} flags=0 uid=0 gid=0 vtid=${tid} vpid=${tid}`);
		if (i % (processes / alerts) === 0) {
			const file = (i / (processes / alerts)) % 2 ? "/etc/shadow flags=O_RDONLY" : `/etc/cron.d/job${i} flags=O_WRONLY|O_CREAT`;
			lines.push(`+1us tid=${tid} openat fd=3 dirfd=AT_FDCWD name=${file} mode=0 dev=0 ino=0`);
		}
	}
	return `${lines.join("\n")}\n`;
}

test("100,000 processes and 10,000 alerts", async () => {
	const trace = file("large.eyt", large(100000, 10000));
	let began = Date.now();
	const lap = (what) => {
		note(`${what}: ${Date.now() - began} ms`);
		began = Date.now();
	};
	const path = reportOf(trace, ["-r", "rules"]);
	lap("eyas report");
	const page = await open(path);
	lap("opened");
	equal(await rowCount(page), 10000, "alerts");
	ok((await page.locator(".grid-row").count()) < 200, "only what is in sight exists");
	await page.focus(".grid");
	await page.keyboard.press("End");
	await page.waitForSelector("#alert-9999");
	lap("to the last alert");
	await page.fill("input[type=search]", "job99980");
	equal(await rowCount(page), 1, "filtered");
	lap("alerts filtered");
	await page.fill("input[type=search]", "");
	await tab(page, "processes");
	await settle(page);
	lap("the tree");
	await page.click("button:text-is('Unfold all')");
	equal(await rowCount(page), 100001, "all unfolded");
	lap("unfolded");
	await page.focus(".grid");
	await page.keyboard.press("End");
	await settle(page);
	equal(await page.getAttribute(".grid", "aria-activedescendant"), "process-100000", "the last process");
	lap("to the last process");
	await page.fill("input[type=search]", "worker42 99942");
	await settle(page);
	equal(await counted(page), "1 of 100,001 processes", "filtered");
	lap("processes filtered");
	quiet(page);
	await page.context().close();
});

await run();
