// The list of scenarios of a report.
import { go, settled } from './page.mjs';

/* The rows of the list, after all features are unfolded. */
export async function unfolded(shown) {
  await go(shown, 'scenarios');
  await shown.locator('#list details.feature').first().waitFor();
  await shown.evaluate(() => document.querySelectorAll('#list details.feature').forEach((one) => { one.open = true; }));
  await settled(shown);
}

/* Addresses of scenarios: all of a verdict, or all. */
export async function scenarios(shown, verdict = '') {
  await unfolded(shown);
  const rows = shown.locator(verdict ? `#list a.row:has(.v-${verdict})` : '#list a.row');
  return rows.evaluateAll((all) => all.map((row) => decodeURIComponent(row.getAttribute('href').slice(1))));
}
