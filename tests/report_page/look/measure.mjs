// How fast a report is.
import { facts, page } from './page.mjs';

/* Milliseconds until the list can be filtered. */
export async function measure(browser, address) {
  const times = [];
  for (let run = 0; run < 3; run += 1) {
    const shown = await page(browser, address);
    const begun = performance.now();
    await shown.goto(`${address}#scenarios`);
    await shown.locator('#list details.feature').first().waitFor();
    const usable = performance.now() - begun;
    await shown.locator('#search').fill('number 1999');
    await shown.waitForFunction(() => document.querySelectorAll('#list a.row').length === 1);
    times.push([usable, performance.now() - begun]);
    await shown.context().close();
  }
  times.sort(([, one], [, other]) => one - other);
  const [usable, filtered] = times[1];
  Object.assign(facts, { usable_ms: Math.round(usable), filtered_ms: Math.round(filtered) });
}
