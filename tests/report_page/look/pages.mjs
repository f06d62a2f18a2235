// Pages of any kind: each can be read by everybody, in the light, in the dark and on a phone.
import { accessible, facts, must, own, page, picture, settled, wide } from './page.mjs';

/* Looks at these pages, and at those of the same program that their links lead to: one of each path. */
export async function pages(browser, named) {
  facts.pages = [];
  const seen = new Set();
  for (const [name, address] of named) {
    const shown = await page(browser, address);
    seen.add(place(address));
    const ways = [[name, address]];
    while (ways.length) {
      const [called, to] = ways.shift();
      const answer = await shown.goto(to);
      must(to === address || answer.ok(), `${called}: a link leads nowhere: ${to}`);
      // What is for programs is not looked at.
      if (!/html/.test((await answer?.headerValue('content-type')) ?? 'html')) continue;
      await look(shown, called);
      facts.pages.push(called);
      for (const link of await shown.locator('a[href]').evaluateAll((all) => all.map((one) => new URL(one.getAttribute('href'), document.baseURI).href))) {
        if (!own(link, address) || seen.has(place(link))) continue;
        seen.add(place(link));
        ways.push([`${name}${new URL(link).pathname.replaceAll('/', '-')}`, link]);
      }
    }
    await shown.context().close();
  }
}

const place = (address) => address.split(/[?#]/)[0];

async function look(shown, name) {
  const { ran, complaints } = await shown.evaluate(() => ({ ran: window.ran ?? null, complaints: window.complaints }));
  must(ran === null, `${name}: a script ran: ${ran}`);
  must(complaints.length === 0, `${name}: the policy was broken: ${complaints}`);
  for (const [how, colorScheme, width] of [['light', 'light', 1280], ['dark', 'dark', 1280], ['phone', 'light', 360]]) {
    await shown.emulateMedia({ colorScheme });
    await shown.setViewportSize({ width, height: width < 500 ? 740 : 900 });
    await settled(shown);
    await accessible(shown, `${name}, ${how}`);
    must((await wide(shown)) <= 0, `${name}, ${how}: ${await wide(shown)} pixels wider than the window`);
    const height = await shown.evaluate(() => document.documentElement.scrollHeight);
    await picture(shown, `${name}-${how}`, { fullPage: height < 5000 });
  }
}
