// Reads the reports of the folder that it is given, each with a program that knows nothing of Checkride,
// and tells what these programs counted.
import { createReadStream, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import Ajv from 'ajv';
import harSchemas from 'har-schema';
import { convertJUnitToCTRFReport } from 'junit-to-ctrf';
import cucumberReporter from 'multiple-cucumber-html-reporter';
import { Parser } from 'tap-parser';

const require = createRequire(import.meta.url);
const [folder] = process.argv.slice(2);
const file = (name) => join(folder, name);
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

async function tap() {
  const parser = new Parser();
  await pipeline(createReadStream(file('results.tap')), parser);
  const { count, pass, fail, todo, skip, failures, plan } = parser.results ?? {};
  const diagnosed = failures.filter((one) => one.diag?.account).length;
  return { count, pass, fail, todo, skip, planned: plan.end, diagnosed };
}

function ctrf() {
  // The schema is of a later draft than that of HAR, and its package brings what understands it.
  const itsOwn = createRequire(require.resolve('ctrf'));
  const ajv = new (itsOwn('ajv').default)({ strict: false });
  itsOwn('ajv-formats').default(ajv);
  const root = join(require.resolve('ctrf'), '..');
  const name = readdirSync(root).find((one) => one.startsWith('ctrf-schema'));
  const validate = ajv.compile(json(join(root, name)));
  const report = json(file('ctrf.json'));
  const valid = validate(report);
  return { valid, errors: validate.errors, ...report.results.summary };
}

function har() {
  const ajv = new Ajv();
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-06.json'));
  ajv.addSchema(Object.values(harSchemas));
  const archive = json(file('exchanges.har'));
  const valid = ajv.validate('har.json#', archive);
  return { valid, errors: ajv.errors, entries: archive.log.entries.length };
}

function cucumber() {
  const work = mkdtempSync(join(tmpdir(), 'reader-'));
  cucumberReporter.generate({
    jsonDir: file('cucumber'),
    reportPath: work,
    saveCollectedJSON: true,
    disableLog: true,
    hideMetadata: true,
  });
  const found = json(join(work, 'enriched-output.json'));
  return found.scenarios;
}

async function junit() {
  const report = await convertJUnitToCTRFReport(file('junit.xml'), { log: false });
  return report.results.summary;
}

const told = { tap: await tap(), ctrf: ctrf(), har: har(), junit: await junit(), cucumber: cucumber() };
console.log(JSON.stringify(told));
