/* All scenarios, as lines of the list. */
let rows = [];
const rowOf = new Map();

function learn(list) {
  rows = list;
  rowOf.clear();
  rows.forEach((row, index) => {
    row.words = [row.id, row.name, row.feature_name, ...row.requirements, ...row.tags.map((tag) => `@${tag}`), ...row.strict_ids]
      .join(" ")
      .toLowerCase();
    rowOf.set(row.id, index);
  });
}

/* What stands before its name: its verdict, or what it is doing in a run that goes. */
const badgeOf = (row) => (row.doing ? badge(DOINGS[row.doing], row.doing) : badge(row.verdict));

const DOINGS = { "to come": "skipped", queued: "flaky", running: "waived" };
