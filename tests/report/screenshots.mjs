// The pictures in doc/: the report of the incident of the walk-through, light and dark.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { equal, ok, open, reportOf, run, source, test } from "./harness.mjs";

const path = reportOf("traces/good/web-intrusion/incident.eyt", ["-r", "rules"]);

/** The same picture as WebP, a third of the size. */
async function webp(page, png) {
	const blank = await page.context().newPage();
	const url = await blank.evaluate(async (source) => {
		const image = new Image();
		image.src = source;
		await image.decode();
		const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
		canvas.getContext("2d").drawImage(image, 0, 0);
		return canvas.toDataURL("image/webp", 0.86);
	}, `data:image/png;base64,${png.toString("base64")}`);
	return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

for (const [scheme, hash, name] of [
	["light", "#alert=6", "report-alerts.webp"],
	["dark", "#pid=2404", "report-processes.webp"],
])
	test(`doc/${name}`, async () => {
		const page = await open(path, { scheme, hash, width: 1280, height: 860 });
		const picture = await webp(page, await page.screenshot());
		ok(picture.length <= 150 * 1024, `${picture.length} bytes`);
		equal(page.seen.errors, []);
		writeFileSync(join(source("doc"), name), picture);
		await page.context().close();
	});

await run();
