// Reads the reports of the folder that it is given, each with programs that know nothing of Checkride,
// and tells what these programs found.
import { createReadStream, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import Ajv from 'ajv';
import harSchemas from 'har-schema';
import { convertJUnitToCTRFReport } from 'junit-to-ctrf';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import cucumberReporter from 'multiple-cucumber-html-reporter';
import { Parser } from 'tap-parser';
import { parse as parseResults } from 'test-results-parser';
import { validateXML } from 'xmllint-wasm';

const require = createRequire(import.meta.url);
const [folder] = process.argv.slice(2);
const file = (name) => join(folder, name);
const text = (path) => readFileSync(path, 'utf8');
const json = (path) => JSON.parse(text(path));

async function tap() {
  const parser = new Parser();
  await pipeline(createReadStream(file('results.tap')), parser);
  const { ok, bailout, count, pass, fail, todo, skip, failures, plan } = parser.results ?? {};
  const diagnosed = failures.filter((one) => one.diag?.account).length;
  return { ok, bailout, count, pass, fail, todo, skip, planned: plan.end, diagnosed };
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

// The schema of Jenkins's xUnit plugin, as https://github.com/pytest-dev/pytest keeps it to prove its own
// reports (testing/example_scripts/junit-10.xsd, MIT License, which it holds itself).
async function junitSchema() {
  const schema = text(new URL('junit-10.xsd', import.meta.url));
  const contents = text(file('junit.xml'));
  const { valid, errors } = await validateXML({
    xml: [{ fileName: 'junit.xml', contents }],
    schema: [schema],
  });
  return { valid, errors };
}

// What tools that send results to chat rooms and dashboards make of a file.
function results(type, path) {
  const { suites } = parseResults({ type, files: [path] });
  const cases = suites.flatMap((suite) => suite.cases);
  const count = (status) => cases.filter((one) => one.status === status).length;
  const sum = (member) => suites.reduce((total, suite) => total + suite[member], 0);
  return {
    passed: count('PASS'), failed: count('FAIL'), skipped: count('SKIP'), errors: sum('errors'),
    attachments: cases.flatMap((one) => one.attachments).length,
    requirements: cases.map((one) => one.metadata.requirements ?? ''),
  };
}

// The summary as GitHub shows it.
function markdown() {
  const summary = text(file('summary.md'));
  const shown = (allowDangerousHtml) => micromark(summary, {
    allowDangerousHtml,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const html = shown(true);
  const attributes = (name) => [...html.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map((it) => it[1]);
  const count = (tag) => html.split(`<${tag}`).length - 1;
  const outsideCode = html.replace(/<code>.*?<\/code>/gs, '').replace(/<[^>]*>/g, '');
  const rows = html.split('<tr>').slice(1).map((row) => row.split(/<t[hd][ >]/).length - 1);
  return {
    length: summary.length, html: html !== shown(false), images: count('img'), headings: count('h1'),
    links: attributes('href'), mentions: outsideCode.includes('@someone'), rows,
  };
}

const told = {
  tap: await tap(), ctrf: ctrf(), har: har(), junit: await junit(), cucumber: cucumber(),
  junit_schema: await junitSchema(),
  junit_results: results('junit', file('junit.xml')),
  cucumber_results: results('cucumber', file('cucumber/cucumber.json')),
  markdown: markdown(),
};
console.log(JSON.stringify(told));
