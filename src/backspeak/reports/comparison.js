/* The comparison: pairs of segments, the largest difference first. */

const PAGE = 50;

let index;
let columns;
let listed = [];
let drawing = 0;
let page = 0;
let current = -1; // place in `listed`

const difference = (pair) =>
  columns.a[pair] === null || columns.b[pair] === null ? null : columns.b[pair] - columns.a[pair];
const outcomeOf = (pair) => index.outcomes[columns.outcome[pair]];
const encoded = (part) => encodeURIComponent(part.toWellFormed ? part.toWellFormed() : part);
const linkTo = (pair) => "#" + encoded(index.documents[columns.document[pair]]) + "/" + encoded(columns.id[pair]);
const plainRuns = (parts) => parts.map((part) => (typeof part === "string" ? part : part[0])).join("");
const signed = (number) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(1);

async function show() {
  const mine = ++drawing;
  const wanted = byId("outcome").value;
  const name = byId("document").value.trim().toLowerCase();
  const words = byId("find").value.trim().toLowerCase();
  const order = byId("order").value;
  const fits = index.documents.map((each) => each.toLowerCase().includes(name));
  let pairs = columns.document.map((_, pair) => pair).filter(
    (pair) =>
      fits[columns.document[pair]] &&
      (!wanted || outcomeOf(pair) === wanted || (wanted === "changed" && !columns.same[pair])),
  );
  if (words) {
    byId("found").textContent = "Searching…";
    const hit = (item) =>
      [item.a.runs, item.b.runs, item.source?.runs, item.reference?.runs].some(
        (parts) => parts && plainRuns(parts).toLowerCase().includes(words),
      );
    const hits = await data.filter(pairs, hit, () => mine !== drawing);
    if (mine !== drawing) return;
    pairs = pairs.filter((pair) => hits.has(pair));
  }
  if (order !== "text") {
    const sign = order === "gain" ? -1 : 1;
    const key = (pair) => (outcomeOf(pair) === "unscored" ? 1000 : sign * difference(pair));
    pairs.sort((one, other) => key(one) - key(other) || one - other);
  }
  listed = pairs;
  page = 0;
  current = -1;
  byId("found").textContent = count(listed.length, "segment");
  await drawPage();
}

async function drawPage() {
  const mine = ++drawing;
  const pairs = listed.slice(page * PAGE, (page + 1) * PAGE);
  const items = await data.items(pairs);
  if (mine !== drawing) return;
  byId("pairs").replaceChildren(...pairs.map((pair, at) => pairOf(pair, items[at])));
  showPages(page, PAGE, listed.length, "segment");
}

function pairOf(pair, item) {
  const name = index.documents[columns.document[pair]];
  const outcome = outcomeOf(pair);
  const by = difference(pair);
  const said = {
    a: `A is better by ${Math.abs(by).toFixed(1)} points`,
    b: `B is better by ${Math.abs(by).toFixed(1)} points`,
    tie: columns.same[pair] ? "Even: the same text" : "Even",
    unscored: "Not scored on both sides",
  }[outcome];
  return make(
    "article",
    { class: "pair", id: "/pair/" + pair, tabindex: -1, "aria-label": said },
    make(
      "p",
      { class: "place" },
      make("span", { class: "outcome " + outcome }, said),
      " ",
      make("a", { href: linkTo(pair) }, bdi(name), " ", bdi(columns.id[pair])),
      item.where ? [", ", bdi(item.where)] : "",
    ),
    item.source ? quote(item.source) : "",
    make("div", { class: "sides" }, sideOf("a", pair, item.a, outcome), sideOf("b", pair, item.b, outcome)),
    item.reference ? quote(item.reference) : "",
  );
}

function sideOf(side, pair, about, outcome) {
  const score = columns[side][pair];
  const flags = about.flags || [];
  return make(
    "div",
    { class: `side ${side}${outcome === side ? " better" : ""}`, role: "group", "aria-label": side.toUpperCase() },
    make(
      "p",
      { class: "side-score" },
      make("span", { class: "side-name " + side }, side.toUpperCase()),
      " ",
      score === null ? "not scored" : score.toFixed(1),
    ),
    make("p", { class: "text" }, runs(about.runs)),
    about.reason ? make("p", { class: "reason-not" }, bdi(about.reason)) : "",
    flags.length
      ? make(
          "ul",
          { class: "notes" },
          flags.map((flag) =>
            make(
              "li",
              { class: "note" },
              bdi(flag.text || "something is missing", { class: "sample " + flag.severity }),
              flag.better === null
                ? ""
                : [
                    " ",
                    make("span", { class: "arrow", role: "img", "aria-label": "better:" }, "→"),
                    " ",
                    bdi(flag.better, { class: "suggestion" }),
                  ],
              " ",
              make("span", { class: "kind" }, `${flag.severity}, ${flag.category}`),
            ),
          ),
        )
      : "",
  );
}

async function goTo(place) {
  if (place < 0 || place >= listed.length) return;
  current = place;
  const itsPage = Math.floor(place / PAGE);
  if (itsPage !== page || !byId("/pair/" + listed[place])) {
    page = itsPage;
    await drawPage();
  }
  const element = byId("/pair/" + listed[place]);
  for (const other of document.querySelectorAll(".pair.active")) other.classList.remove("active");
  element.classList.add("active");
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", linkTo(listed[place]));
}

async function follow() {
  const hash = location.hash.slice(1);
  if (hash === "@pairs") {
    byId("@pairs").focus();
    return;
  }
  if (!hash || hash.startsWith("/")) return;
  const pair = columns.id.findIndex((_, each) => linkTo(each) === "#" + hash);
  if (pair < 0) return;
  if (!listed.includes(pair)) {
    for (const id of ["outcome", "document", "find"]) byId(id).value = "";
    await show();
  }
  await goTo(listed.indexOf(pair));
}

async function begin() {
  root.classList.add("js");
  index = await data.read("index");
  columns = index.columns;
  const soon = debounced(show, 200);
  for (const id of ["outcome", "order"]) byId(id).addEventListener("change", show);
  for (const id of ["document", "find"]) byId(id).addEventListener("input", soon);
  byId("next").addEventListener("click", () => goTo(current + 1));
  byId("previous").addEventListener("click", () => goTo(current - 1));
  bindKeys({ n: () => goTo(current + 1), p: () => goTo(current - 1), "/": () => byId("find").focus() });
  for (const [id, by] of [["page-back", -1], ["page-on", 1]]) {
    byId(id).addEventListener("click", async () => {
      page += by;
      current = page * PAGE - 1;
      await drawPage();
      byId("@pairs").scrollIntoView();
      byId("@pairs").focus({ preventScroll: true });
    });
  }
  window.addEventListener("hashchange", follow);
  await show();
  await follow();
  root.classList.add("ready");
}

begin();
