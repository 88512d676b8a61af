// Runs SQL with DuckDB: a line of standard input is a JSON array of statements; for each such line one comes back, the
// rows of the last statement as arrays, or {"error": TEXT}. usage: node duckdb.mjs DIRECTORY-WITH-node_modules
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const require = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'));
const { DuckDBInstance } = require('@duckdb/node-api');

for await (const line of readline.createInterface({ input: process.stdin })) {
	let answer;
	const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
	const connection = await instance.connect();
	try {
		for (const statement of JSON.parse(line))
			answer = (await connection.runAndReadAll(statement)).getRowsJson();
	} catch (problem) {
		answer = { error: String(problem) };
	}
	console.log(JSON.stringify(answer));
}
