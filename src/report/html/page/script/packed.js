/* The data, which is packed in this page. A page that follows a run has `live.js` instead. */

/* A block is JSON, packed as gzip and written in Base64. */
async function unpack(block) {
  const letters = atob(block.textContent);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

const blocks = document.getElementsByClassName("evidence");
const unpacked = new Map();

/* The whole record of a scenario, with its evidence. */
async function evidenceOf(row) {
  if (!unpacked.has(row.block)) unpacked.set(row.block, unpack(blocks[row.block]));
  return (await unpacked.get(row.block))[row.place];
}

/* The address of a picture, or nothing if it was not beside the record. */
function pictureOf({ picture }) {
  const block = picture === undefined || picture === null ? null : document.getElementById(`picture-${picture}`);
  return block && `data:${block.dataset.kind};base64,${block.textContent}`;
}

/* What can be done with a scenario: nothing, it is over. */
const controls = () => "";

unpack(document.getElementById("rows")).then(begin, (error) => {
  list.replaceChildren(make("p", "message", `The scenarios cannot be read: ${error.message}.`));
});
