// Opens pages as a person does, in a real browser, and tells what is wrong with them.
//
//   node look.mjs <browser> <page> <folder for pictures> use|hostile|measure|follow|pages
//
// A page is a file or an address. For `pages` it is any number of them as JSON, `{ "name": "page", … }`.
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

import { follow } from './look/follow.mjs';
import { hostile } from './look/hostile.mjs';
import { measure } from './look/measure.mjs';
import { facts, findings } from './look/page.mjs';
import { pages } from './look/pages.mjs';
import { use } from './look/use.mjs';

const [executablePath, wanted, , part] = process.argv.slice(2);
const address = (of) => (of.startsWith('http') ? of : pathToFileURL(of).href);
const named = (all) => Object.entries(JSON.parse(all)).map(([name, of]) => [name, address(of)]);

const isRoot = process.getuid?.() === 0;
const args = ['--disable-background-networking', '--disable-gpu', ...(isRoot ? ['--no-sandbox'] : [])];
const browser = await chromium.launch({ executablePath, args });
try {
  await { use, hostile, measure, follow, pages }[part](browser, part === 'pages' ? named(wanted) : address(wanted));
} catch (error) {
  findings.push(`stopped: ${error.message}`);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ findings, facts }));
