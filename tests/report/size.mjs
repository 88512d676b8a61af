// How large the page of a long trace is, and how long it takes to open. Figures, no judgement: they depend on the machine.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { note, open, reportOf, run, source, test, work } from "./harness.mjs";

for (const [name, trace, events] of [
	["1 M events of a web intrusion, again and again", source("traces/good/web-intrusion/incident.eyt"), 1000000],
	["1 M events of recorded incidents", source("traces/good/recorded-container-intrusion/trace.eyas"), 1000000],
	["1 M events of the trace that TRACE names", process.env.TRACE, 1000000],
]) {
	if (!trace) continue;
	test(name, async () => {
		const long = join(work, "long.eyas");
		execFileSync(process.env.REPEAT, ["-o", long, "-n", String(events), trace]);
		let began = performance.now();
		const path = reportOf(long, ["-r", "rules"]);
		note(`trace: ${statSync(long).size} bytes; eyas report: ${Math.round(performance.now() - began)} ms`);
		note(`page: ${(statSync(path).size / 1e6).toFixed(2)} MB`);
		for (let i = 0; i < 3; i++) {
			began = performance.now();
			const page = await open(path);
			const seen = await page.evaluate(() => Math.round(performance.now()));
			note(`opened: ${Math.round(performance.now() - began)} ms (${seen} ms by the page's clock), ${await page.textContent(".facts .fact:nth-child(5) .big")} processes`);
			await page.context().close();
		}
	});
}

await run();
