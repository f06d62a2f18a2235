"use strict";
/* Elements. Everything that a platform sent is set as text, never as markup. */

/* make("p", "class", child, …); a string becomes text. */
function make(tag, name, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  // It may be wider than the page: it scrolls by itself, with the keyboard too.
  if (tag === "pre") element.tabIndex = 0;
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return element;
}

/* The same in a drawing; attributes instead of a class. */
function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat());
  return element;
}

function link(address, name, ...children) {
  const element = make("a", name, ...children);
  element.href = address;
  return element;
}

/* Parts between backticks are code. */
function prose(text) {
  const parts = text.split("`");
  const alone = parts.length % 2 ? "" : `\`${parts.pop()}`;
  return [...parts.map((part, index) => (index % 2 ? make("code", "", part) : part)), alone];
}

const badge = (verdict, word = verdict) => make("span", `badge v-${verdict}`, word);

function fold(name, title, fill, open = false) {
  const details = make("details", name, make("summary", "", title));
  const unfold = () => {
    if (details.open && details.childElementCount === 1) details.append(...[fill()].flat());
  };
  details.addEventListener("toggle", unfold);
  details.open = open;
  unfold();
  return details;
}

/* Names and values, a line each. */
function pairs(name, lines) {
  return make("dl", name, lines.map(([label, value]) => make("div", "", make("dt", "", label), make("dd", "", value))));
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60000) return `${Math.floor(ms / 100) / 10} s`;
  return `${Math.floor(ms / 60000)} min ${Math.floor((ms % 60000) / 1000)} s`;
}

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/* The verdicts, the worst first. */
const VERDICTS = ["fail", "error", "inconclusive", "flaky", "warn", "waived", "skipped", "pass"];
