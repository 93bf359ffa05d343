/* The report: one document as a text, or any of its sentences as a list; the evidence beside it. */

const PAGE = 100; // sentences of a list
const TEXT_PAGE = 400; // sentences of a text
const GRAVEST = 400; // flags looked at for the list that stands while none is chosen
const BARS = 120;

let index;
let columns;
let listed = []; // numbers of the segments in view, in order
let stops = []; // [segment, flag] in the same order, as `n` visits them
let drawing = 0; // counts up, so that an outdated drawing stops
let chosen = null; // { segment, flag }, flag null for a sentence
let page = 0;
let decisions = {}; // "segment/flag" -> "accepted" | "dismissed"

const filters = {
  severity: new Set(["critical", "major", "minor"]),
  category: "",
  decision: "",
  document: "",
  system: "",
  language: "",
  show: "all",
  order: "text",
  find: "",
};
let view = { name: "overview", document: null };

/* Reading the columns */

const severityOf = (segment, flag) => index.severities[columns.flags[segment][flag] >> 4];
const categoryOf = (segment, flag) => index.categories[columns.flags[segment][flag] & 15];
const statusOf = (segment) => index.statuses[columns.status[segment]];
const documentOf = (segment) => index.documents[columns.document[segment]];
const isTypography = (category) => index.typography.includes(category);
const decisionOf = (segment, flag) => decisions[segment + "/" + flag] || "open";

function bandOf(segment) {
  if (statusOf(segment) !== "ok") return statusOf(segment);
  const score = columns.score[segment];
  return score === null ? "none" : score >= 85 ? "clean" : score >= 65 ? "slight" : score >= 40 ? "doubtful" : "poor";
}

const isOn = (segment, flag) =>
  filters.severity.has(severityOf(segment, flag)) &&
  isOfCategory(categoryOf(segment, flag)) &&
  (!filters.decision || filters.decision === decisionOf(segment, flag));

/* A category, or all that are or are not typography. */
function isOfCategory(category) {
  if (filters.category === "wording") return !isTypography(category);
  if (filters.category === "typography") return isTypography(category);
  return !filters.category || filters.category === category;
}

const flagsOn = (segment) => columns.flags[segment].map((_, flag) => flag).filter((flag) => isOn(segment, flag));

const isNarrow = () => filters.severity.size < 3 || filters.category || filters.decision;

/* A document shown whole and in order is a text; everything else is a list. */
const isText = () =>
  view.name === "document" && filters.order === "text" && filters.show === "all" && !filters.find.trim();

const encoded = (part) => encodeURIComponent(part.toWellFormed ? part.toWellFormed() : part);

function linkTo(segment, flag = null) {
  const link = "#" + encoded(documentOf(segment).name) + "/" + encoded(columns.id[segment]);
  return flag === null ? link : link + "/" + (flag + 1);
}

function sentenceLabel(segment) {
  const parts = ["Sentence " + numbers[segment]];
  if (statusOf(segment) !== "ok") parts.push(statusOf(segment));
  else if (columns.score[segment] !== null) parts.push(`score ${Math.round(columns.score[segment])} of 100`);
  if (columns.flags[segment].length) parts.push(count(columns.flags[segment].length, "flag"));
  return parts.join(", ");
}

let numbers; // the place of a segment in its document, from 1
let members; // document -> its segments

function readColumns() {
  members = index.documents.map(() => []);
  numbers = columns.document.map((document, segment) => members[document].push(segment));
}

/* What is listed */

async function list() {
  const mine = ++drawing;
  let segments = view.name === "document" ? members[view.document] : columns.document.map((_, segment) => segment);
  const wanted = filters.document.trim().toLowerCase();
  if (wanted && view.name !== "document") {
    const fits = index.documents.map((each) => each.name.toLowerCase().includes(wanted));
    segments = segments.filter((segment) => fits[columns.document[segment]]);
  }
  for (const name of ["system", "language"]) {
    if (filters[name] !== "") segments = segments.filter((segment) => columns[name][segment] === Number(filters[name]));
  }
  if (!isText() && (filters.show === "flagged" || isNarrow())) {
    segments = segments.filter((segment) => columns.flags[segment].some((_, flag) => isOn(segment, flag)));
  }
  const words = filters.find.trim().toLowerCase();
  if (words) {
    byId("found").textContent = "Searching…";
    const hit = (item) =>
      plainText(item).toLowerCase().includes(words) ||
      (item.context || []).some((each) => plainRuns(each.runs).toLowerCase().includes(words)) ||
      item.flags.some((flag) => flag.suggestions.some((each) => each.shown.toLowerCase().includes(words)));
    const hits = await data.filter(segments, hit, () => mine !== drawing);
    if (mine !== drawing) return false;
    segments = segments.filter((segment) => hits.has(segment));
  }
  if (filters.order !== "text") {
    const sign = filters.order === "worst" ? 1 : -1;
    const key = (segment) => (columns.score[segment] === null ? 1000 : sign * columns.score[segment]);
    segments = [...segments].sort((a, b) => key(a) - key(b) || a - b);
  }
  listed = segments;
  stops = segments.flatMap((segment) => inOrder(segment).map((flag) => [segment, flag]));
  return true;
}

/* Flags of a sentence from left to right are in the order of the record. */
const inOrder = (segment) => flagsOn(segment);

const plainText = (item) => item.text.map((piece) => (typeof piece === "string" ? piece : piece[0])).join("");
const plainRuns = (parts) => parts.map((part) => (typeof part === "string" ? part : part[0])).join("");
const pageSize = () => (isText() ? TEXT_PAGE : PAGE);

/* Drawing */

async function show({ keepPage = false } = {}) {
  const isOverview = view.name === "overview";
  const overview = byId("overview");
  if (overview) overview.hidden = !isOverview;
  document.body.dataset.view = view.name;
  byId("desk").hidden = isOverview;
  for (const link of document.querySelectorAll(".views a")) link.removeAttribute("aria-current");
  if (isOverview) {
    document.querySelector(".views a[href='#/overview']").setAttribute("aria-current", "page");
    forget();
    return;
  }
  showTitle();
  if (!keepPage) page = 0;
  if (!(await list())) return;
  await drawPage();
}

function showTitle() {
  if (index.article) return;
  const inDocument = view.name === "document";
  const each = inDocument ? index.documents[view.document] : null;
  byId("view-title").replaceChildren(inDocument ? bdi(shown(each.name)) : "Sentences");
  byId("view-tally").textContent = inDocument
    ? (each.score === null ? "" : `Score ${Math.round(each.score)} of 100. `) + `${each.verdict}: ${each.tally}.`
    : "";
  const link = byId("view-document");
  link.hidden = !inDocument;
  if (inDocument) {
    link.replaceChildren(bdi(shown(each.name)));
    link.href = "#" + encoded(each.name);
  }
  const current = inDocument ? link : document.querySelector(".views a[href='#/sentences']");
  current.setAttribute("aria-current", "page");
  for (const name of ["document", "system", "language"]) {
    const field = byId(name);
    if (field) field.closest("label").hidden = inDocument;
  }
}

/* Names come as they are, for links and baselines; shown, acting characters are made seen. */
const shown = (name) => name.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");

async function drawPage() {
  const mine = ++drawing;
  const size = pageSize();
  page = Math.max(0, Math.min(page, Math.ceil(listed.length / size) - 1));
  const segments = listed.slice(page * size, (page + 1) * size);
  const items = await data.items(segments);
  if (mine !== drawing) return;
  const target = byId("sentences");
  target.className = isText() ? "as-text" : "as-list";
  target.replaceChildren(...(isText() ? textOf(segments, items) : segments.map((each, at) => itemOf(each, items[at]))));
  showPages(page, size, listed.length, "sentence");
  sayFound();
  if (isText()) {
    placeScores();
    await listGravest();
  } else {
    byId("gravest").replaceChildren(hint());
  }
  drawStrip();
  markChosen();
}

function sayFound() {
  const flagged = new Set(stops.map(([segment]) => segment)).size;
  const flags = count(stops.length, "flag");
  byId("found").textContent = isText()
    ? `${flags} in ${flagged.toLocaleString("en")} of ${count(listed.length, "sentence")}`
    : `${count(listed.length, "sentence")}, ${flags}`;
}

function textOf(segments, items) {
  const paragraphs = [];
  let paragraph = null;
  let last = null;
  let lastReason = null;
  segments.forEach((segment, at) => {
    const item = items[at];
    if (columns.paragraph[segment] !== last) {
      paragraph = { sentences: [], notes: [], reason: null, status: statusOf(segment) };
      paragraphs.push(paragraph);
      last = columns.paragraph[segment];
    }
    paragraph.sentences.push(
      make(
        "span",
        { class: "sentence " + statusOf(segment), id: "/sentence/" + segment },
        scoreOf(segment, item),
        textOfSentence(segment, item),
      ),
      " ",
    );
    paragraph.notes.push(notes(segment, item));
    if (item.reason && item.reason !== lastReason) paragraph.reason = `${statusOf(segment)}: ${item.reason}`;
    lastReason = item.reason || null;
  });
  return paragraphs.map(({ sentences, notes, reason, status }) =>
    make(
      "div",
      { class: "paragraph " + status },
      make("p", { class: "text" }, sentences),
      reason && make("p", { class: "reason-not" }, bdi(reason)),
      make("div", { class: "paper" }, notes),
    ),
  );
}

function itemOf(segment, item) {
  const place = [];
  if (view.name !== "document") place.push(bdi(shown(documentOf(segment).name)));
  if (item.where) place.push(bdi(item.where));
  if (columns.system[segment] >= 0) place.push(bdi(index.systems[columns.system[segment]]));
  return make(
    "article",
    { class: "item " + statusOf(segment), id: "/sentence/" + segment },
    scoreOf(segment, item),
    make(
      "div",
      {},
      make("p", { class: "text" }, textOfSentence(segment, item)),
      item.reason && make("p", { class: "reason-not" }, `${statusOf(segment)}: `, bdi(item.reason)),
      notes(segment, item, 4),
      make(
        "p",
        { class: "place" },
        place.flatMap((each, at) => (at ? [", ", each] : [each])),
        place.length ? " " : "",
        make("a", { href: linkTo(segment), class: "in-context" }, "in its text"),
      ),
    ),
  );
}

function scoreOf(segment, item) {
  const score = columns.score[segment];
  const text = statusOf(segment) === "failed" ? "!" : score === null ? "–" : Math.round(score);
  const label = sentenceLabel(segment);
  if (statusOf(segment) !== "ok") {
    const why = item.reason ? `${label}: ${item.reason}` : label;
    return make("span", { class: "score " + bandOf(segment), role: "img", "aria-label": why, title: why }, text);
  }
  return make(
    "a",
    {
      class: "score " + bandOf(segment),
      href: linkTo(segment),
      "data-segment": segment,
      "aria-label": `${label}. Show the evidence.`,
    },
    text,
  );
}

function textOfSentence(segment, item) {
  const led = new Set();
  const nodes = item.text.map((piece) => {
    if (typeof piece === "string") return piece;
    const [text, ...covering] = piece;
    const on = covering.filter((flag) => isOn(segment, flag));
    if (!on.length) return text || null;
    const flag = on[0];
    const { severity, category } = item.flags[flag];
    const leads = on.some((each) => !led.has(each));
    on.forEach((each) => led.add(each));
    const more = on.length > 1 ? `, and ${count(on.length - 1, "more flag")}` : "";
    const label = `${severity}: ${category}${more}`;
    return make(
      "a",
      {
        class: `flag ${severity}${text ? "" : " gap"}${text && !text.trim() ? " blank" : ""}`,
        href: linkTo(segment, flag),
        "data-segment": segment,
        "data-flag": flag,
        "data-covering": on.join(" "),
        "data-decision": decisionOf(segment, flag),
        tabindex: leads ? null : -1,
        "data-leads": leads,
        title: label,
        "aria-label": `${text.trim() || "something is missing"}, ${label}`,
      },
      text,
    );
  });
  return make("bdi", { dir: "ltr" }, nodes);
}

/* Rows of flag and natural wording: under a sentence of a list, in the panel, on paper. */
function notes(segment, item, most = 1000) {
  const on = flagsOn(segment).sort((a, b) => gravity(segment, item, a) - gravity(segment, item, b));
  if (!on.length) return null;
  const rows = on.slice(0, most).map((flag) => note(segment, flag, item.flags[flag]));
  if (on.length > most) rows.push(make("li", { class: "note more-flags" }, `${on.length - most} more`));
  return make("ul", { class: "notes" }, rows);
}

/* Graver first, wording before typography, surer before less sure. */
const gravity = (segment, item, flag) =>
  (isTypography(item.flags[flag].category) ? 1000 : 0) -
  100 * index.severities.indexOf(item.flags[flag].severity) -
  item.flags[flag].confidence;

function note(segment, flag, about) {
  const better = about.suggestions[0];
  return make(
    "li",
    { class: "note", "data-decision": decisionOf(segment, flag), "data-note": `${segment}/${flag}` },
    around(about, 0),
    make(
      "a",
      {
        class: "sample " + about.severity + (about.marks ? " marks" : ""),
        href: linkTo(segment, flag),
        "data-segment": segment,
        "data-flag": flag,
        "data-note-link": true,
      },
      bdi(about.text || "something is missing"),
    ),
    around(about, 1),
    better ? [" ", arrow(), " ", ...wordingOf(about, better)] : "",
    " ",
    make("span", { class: "kind" }, make("span", { class: "severity" }, about.severity + ", "), about.category),
  );
}

/* A mark alone says little: the words beside it stand beside it here too. */
const around = (about, side) => (about.around && about.around[side] ? bdi(about.around[side], { class: "around" }) : "");

const wordingOf = (about, suggestion) => [
  around(about, 0),
  bdi(suggestion.shown, { class: "suggestion" }),
  around(about, 1),
];

const arrow = () => make("span", { class: "arrow", role: "img", "aria-label": "better:" }, "→");

/* Several short sentences may begin on one line: the last two scores stand side by side in the margin,
   in the order of their sentences, earlier ones in the line itself. */
function placeScores() {
  const scores = [...document.querySelectorAll(".as-text .score")];
  for (const score of scores) score.classList.remove("beside", "inline");
  const tops = scores.map((score) => score.getBoundingClientRect().top);
  let following = 0; // scores after this one on its line
  for (let at = scores.length - 2; at >= 0; at--) {
    following = Math.abs(tops[at + 1] - tops[at]) < 12 ? following + 1 : 0;
    if (following) scores[at].classList.add(following === 1 ? "beside" : "inline");
  }
}

/* The strip: the worst of each few sentences, a bar each. Keys have `n` and the scores for the same. */
function drawStrip() {
  const strip = byId("strip");
  if (!strip || strip.firstChild) return;
  const segments = members[0];
  if (segments.length < 2) return;
  const share = Math.ceil(segments.length / BARS);
  const bars = [];
  for (let at = 0; at < segments.length; at += share) {
    const some = segments.slice(at, at + share);
    const key = (segment) => (columns.score[segment] === null ? 1000 : columns.score[segment]);
    bars.push(some.reduce((worst, each) => (key(each) < key(worst) ? each : worst)));
  }
  const width = 720 / bars.length;
  const drawn = bars.map((segment, at) => {
    const score = columns.score[segment];
    const height = score === null ? 2 : Math.max(3, (100 - score) * 0.6);
    const gap = Math.min(width * 0.2, 3);
    return draw("rect", {
      class: bandOf(segment),
      x: (at * width + gap / 2).toFixed(2),
      width: (width - gap).toFixed(2),
      y: (60 - height).toFixed(1),
      height: height.toFixed(1),
    });
  });
  const low = segments.filter((segment) => columns.score[segment] !== null && columns.score[segment] < 65).length;
  const label =
    `Scores in the order of the text, one bar ${share > 1 ? `for ${share} sentences` : "a sentence"}, ` +
    `taller where an error is likelier: ${low} of ${count(segments.length, "sentence")} score below 65.`;
  const svg = draw(
    "svg",
    { viewBox: "0 0 720 61", preserveAspectRatio: "none", role: "img", "aria-label": label },
    drawn,
    draw("line", { x1: 0, x2: 720, y1: 60.5, y2: 60.5 }),
  );
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * bars.length);
    choose(bars[Math.max(0, Math.min(at, bars.length - 1))], null);
  });
  strip.replaceChildren(svg, make("p", { class: "hint" }, "The taller a bar, the likelier an error in its sentence."));
}

async function listGravest() {
  const mine = drawing;
  const key = ([segment, flag]) =>
    (isTypography(categoryOf(segment, flag)) ? 1000 : 0) -
    100 * index.severities.indexOf(severityOf(segment, flag)) +
    columns.score[segment] / 100;
  const first = [...stops].sort((a, b) => key(a) - key(b)).slice(0, GRAVEST);
  const items = await data.items(first.map(([segment]) => segment));
  if (mine !== drawing) return;
  const ranked = first
    .map(([segment, flag], at) => ({ segment, flag, item: items[at] }))
    .sort((a, b) => gravity(a.segment, a.item, a.flag) - gravity(b.segment, b.item, b.flag));
  const groups = new Map();
  const seen = new Map(); // the same wording with the same advice is one row, however often it stands there
  for (const { segment, flag, item } of ranked) {
    const about = item.flags[flag];
    const name = isTypography(about.category) ? "Punctuation and the like" : about.severity;
    const alike = [name, about.text.toLowerCase(), about.suggestions[0]?.shown, about.category].join("\n");
    if (seen.has(alike)) {
      seen.get(alike).push(segment);
      continue;
    }
    seen.set(alike, [segment]);
    if (!groups.has(name)) groups.set(name, []);
    const row = note(segment, flag, about);
    if (about.category === "punctuation") row.querySelector(".kind").remove(); // the heading says it
    groups.get(name).push([row, alike]);
  }
  const rowsOf = (entries) =>
    entries.map(([row, alike]) => {
      const times = seen.get(alike).length;
      if (times > 1) row.append(make("span", { class: "kind" }, `× ${times}`));
      return row;
    });
  byId("gravest").replaceChildren(
    make("h2", {}, stops.length ? "Look at these first" : "Nothing is flagged"),
    ...[...groups].flatMap(([name, rows]) => [make("h3", {}, name), make("ul", { class: "notes" }, rowsOf(rows))]),
    stops.length > GRAVEST
      ? make("p", { class: "hint" }, `${(stops.length - GRAVEST).toLocaleString("en")} more are in the text.`)
      : "",
  );
}

const hint = () =>
  make(
    "p",
    { class: "hint" },
    "Choose an underlined passage to see what is wrong with it, or the number beside a sentence for its " +
      "back-translations. ",
    make("kbd", {}, "n"),
    " and ",
    make("kbd", {}, "p"),
    " go from flag to flag.",
  );

/* Choosing */

async function choose(segment, flag, { focus = null } = {}) {
  const at = listed.indexOf(segment);
  if (at < 0) return;
  chosen = { segment, flag };
  const itsPage = Math.floor(at / pageSize());
  if (itsPage !== page) {
    page = itsPage;
    await drawPage();
  }
  const item = await data.item(segment);
  if (!chosen || chosen.segment !== segment || chosen.flag !== flag) return;
  byId("evidence").replaceChildren(...(flag === null ? aboutSentence(segment, item) : aboutFlag(segment, flag, item)));
  root.classList.add("showing");
  byId("evidence").scrollTop = 0;
  markChosen();
  sayPosition();
  fit();
  const link = linkOf(segment, flag);
  reveal(link && flag !== null ? link : byId("/sentence/" + segment));
  history.replaceState(null, "", linkTo(segment, flag));
  if (focus === "panel") byId("evidence").focus({ preventScroll: true });
  if (focus === "link" && link) link.focus({ preventScroll: true });
}

function linkOf(segment, flag) {
  const links = [...document.querySelectorAll(`#sentences a[data-segment="${segment}"]:not([data-note-link])`)];
  if (flag === null) return links.find((link) => link.classList.contains("score"));
  return links.find((link) => link.dataset.covering && link.dataset.covering.split(" ").includes(String(flag)));
}

function markChosen() {
  for (const element of document.querySelectorAll("#desk .active")) element.classList.remove("active");
  if (!chosen) return;
  const sentence = byId("/sentence/" + chosen.segment);
  if (!sentence) return;
  sentence.classList.add("active");
  for (const link of sentence.querySelectorAll(".flag")) {
    link.classList.toggle("active", link.dataset.covering.split(" ").includes(String(chosen.flag)));
  }
}

function forget() {
  chosen = null;
  root.classList.remove("showing");
  byId("evidence").replaceChildren();
  byId("position").textContent = "";
  markChosen();
}

function close() {
  if (!chosen) return;
  const link = linkOf(chosen.segment, chosen.flag);
  forget();
  history.replaceState(null, "", viewHash());
  if (link) link.focus({ preventScroll: true });
}

function viewHash() {
  if (index.article) return location.pathname + location.search;
  return view.name === "document" ? "#" + encoded(index.documents[view.document].name) : "#/" + view.name;
}

function sayPosition() {
  const at = chosen.flag === null ? -1 : stops.findIndex((stop) => stop[0] === chosen.segment && stop[1] === chosen.flag);
  byId("position").textContent =
    at < 0
      ? "Sentence " + numbers[chosen.segment].toLocaleString("en")
      : `Flag ${(at + 1).toLocaleString("en")} of ${stops.length.toLocaleString("en")}`;
}

function step(by) {
  if (view.name === "overview" || !stops.length) return;
  let at = -1;
  if (chosen && chosen.flag !== null) {
    at = stops.findIndex((stop) => stop[0] === chosen.segment && stop[1] === chosen.flag);
  }
  if (at >= 0) {
    at = (at + by + stops.length) % stops.length;
  } else {
    // From a sentence, or from the top of the window: the nearest flag in that direction.
    const place = chosen ? listed.indexOf(chosen.segment) : firstInSight();
    const order = new Map(listed.map((segment, place) => [segment, place]));
    const after = stops.findIndex((stop) => order.get(stop[0]) >= place);
    at = by > 0 ? Math.max(after, 0) : ((after < 0 ? stops.length : after) - 1 + stops.length) % stops.length;
  }
  choose(stops[at][0], stops[at][1], { focus: "link" });
}

function firstInSight() {
  const start = page * pageSize();
  const sentences = [...document.querySelectorAll(".sentence, #sentences .item")];
  const seen = sentences.findIndex((element) => element.getBoundingClientRect().bottom > 0);
  return start + Math.max(seen, 0);
}

/* Scroll no more than it takes to see the element, the sheet's own height counted. */
const wide = window.matchMedia("(min-width: 66.25rem)");

function reveal(element) {
  if (!element) return;
  const box = element.getBoundingClientRect();
  const bottom = wide.matches ? window.innerHeight : byId("panel").getBoundingClientRect().top;
  const margin = 24;
  if (box.top < margin || box.bottom > bottom - margin) {
    window.scrollBy(0, box.top - Math.max(margin, (bottom - box.height) / 3));
  }
}

/* Beside the text the panel starts below the head of the page and sticks later: it ends with the window. */
function fit() {
  const panel = byId("panel");
  const top = Math.max(panel.getBoundingClientRect().top, 24);
  panel.style.maxHeight = wide.matches ? Math.max(window.innerHeight - top - 24, 200) + "px" : "";
}

/* The panel */

function aboutFlag(segment, flag, item) {
  const about = item.flags[flag];
  const others = about.suggestions.slice(1);
  const decision = decisionOf(segment, flag);
  const [first, ...rest] = about.why;
  return [
    make(
      "article",
      { class: "finding " + about.severity },
      make(
        "h3",
        { class: "finding-kind" },
        make("span", { class: "badge " + about.severity }, about.severity),
        " ",
        make("span", {}, about.category),
        " ",
        make("span", { class: "confidence" }, `${about.sure}, ${Math.round(100 * about.confidence)}%`),
      ),
      make(
        "p",
        { class: "wording" },
        around(about, 0),
        about.text
          ? bdi(about.text, { class: "original" + (about.marks ? " marks" : "") })
          : make("span", { class: "original nothing" }, "something is missing here"),
        around(about, 1),
        about.suggestions.length
          ? [" ", arrow(), " ", ...wordingOf(about, about.suggestions[0]), " ", copyButton(about.suggestions[0])]
          : "",
      ),
      others.length
        ? make(
            "ul",
            { class: "others", "aria-label": "Other wordings" },
            others.map((each) => make("li", {}, "or ", ...wordingOf(about, each), " ", copyButton(each))),
          )
        : "",
      about.suggestions.length ? "" : make("p", { class: "hint" }, "No other wording to offer."),
      make(
        "div",
        { class: "decide", role: "group", "aria-label": "Decision" },
        decideButton("accepted", "Accept", "It is an error", decision, "a"),
        decideButton("dismissed", "Dismiss", "It is none: leave it out of later runs", decision, "d"),
      ),
      first ? why(first) : "",
      rest.length
        ? make(
            "details",
            { class: "more" },
            make("summary", {}, rest.length === 1 ? "1 more reason" : `${rest.length} more reasons`),
            rest.map(why),
          )
        : "",
    ),
    make(
      "details",
      { class: "more about" },
      make("summary", {}, sentenceSummary(segment, item)),
      about_(segment, item),
    ),
  ];
}

function sentenceSummary(segment, item) {
  const backs = (item.backs || []).length;
  return `Sentence ${numbers[segment]}${backs ? ` and its ${count(backs, "back-translation")}` : ""}`;
}

function aboutSentence(segment, item) {
  return [
    make("h3", { class: "sentence-title" }, "Sentence " + numbers[segment], item.where ? [", ", bdi(item.where)] : ""),
    notes(segment, item) || "",
    make("div", { class: "about" }, about_(segment, item)),
  ];
}

function about_(segment, item) {
  const score = columns.score[segment];
  const parts = [];
  if (score !== null) {
    const chance =
      item.probability === undefined ? "" : `; chance of an error ${Math.round(100 * item.probability)}%`;
    parts.push(make("p", {}, `Score ${Math.round(score)} of 100${chance}.`));
  }
  if (item.metrics) {
    const said = item.metrics.flatMap(([name, value], at) => [at ? ", " : "", bdi(name), " " + value]);
    parts.push(make("p", {}, "Against the reference: ", said, "."));
  }
  for (const each of item.context || []) parts.push(quote(each));
  for (const back of item.backs || []) {
    parts.push(
      make(
        "div",
        { class: "back" + (back.unused ? " unused" : "") },
        make(
          "h4",
          {},
          bdi(back.title),
          back.unused ? [" ", make("span", { class: "unused-why" }, "not used: ", bdi(back.unused))] : "",
        ),
        make("p", {}, runs(back.runs)),
        back.translation
          ? make("p", { class: "translation" }, make("bdi", { dir: "auto", lang: back.lang }, back.translation))
          : "",
      ),
    );
  }
  return parts;
}

function why(each) {
  const sentences = (each.sentences || []).map((parts) =>
    make(
      "p",
      {},
      parts.map((part) =>
        typeof part === "string" ? bdi(part) : make("span", { class: "said" }, "“", bdi(part[0]), "”"),
      ),
    ),
  );
  const quotes = (each.quotes || []).map(quote);
  const table = each.facts
    ? make(
        "dl",
        { class: "facts" },
        each.facts.map(([name, value]) => make("div", {}, make("dt", {}, bdi(name)), make("dd", {}, bdi(value)))),
      )
    : "";
  const folded = (each.folded || []).map(quote);
  const isGeneric = !sentences.length && !quotes.length;
  return make(
    "section",
    { class: "reason" },
    make("h4", {}, bdi(each.title)),
    sentences,
    quotes,
    isGeneric
      ? table
      : table || folded.length
        ? make("details", { class: "more" }, make("summary", {}, "Details"), folded, table)
        : "",
  );
}

function copyButton(suggestion) {
  if (!rawOf(suggestion)) return "";
  const button = make("button", { type: "button", class: "plain copy", "aria-label": "Copy " + suggestion.shown }, "Copy");
  button.addEventListener("click", () => copySuggestion(suggestion));
  return button;
}

const rawOf = (suggestion) => (suggestion.raw === undefined ? suggestion.shown : suggestion.raw);

/* Says what was copied: the same words twice would not be announced again. */
async function copySuggestion(suggestion) {
  byId("done").textContent = (await copy(rawOf(suggestion)))
    ? `Copied “${suggestion.shown}”.`
    : "The browser did not allow copying.";
}

async function copyChosen() {
  if (!chosen || chosen.flag === null) return;
  const [first] = (await data.item(chosen.segment)).flags[chosen.flag].suggestions;
  if (first && rawOf(first)) await copySuggestion(first);
}

/* Decisions */

function decideButton(decision, label, title, current, key) {
  const button = make(
    "button",
    {
      type: "button",
      class: "button",
      title,
      "aria-pressed": String(current === decision),
      "aria-keyshortcuts": key,
      "data-decide": decision,
    },
    label,
  );
  button.addEventListener("click", () => decide(decision));
  return button;
}

function decide(decision) {
  if (!chosen || chosen.flag === null) return;
  const { segment, flag } = chosen;
  const key = segment + "/" + flag;
  if (decisions[key] === decision) delete decisions[key];
  else decisions[key] = decision;
  store(index.key, Object.keys(decisions).length ? JSON.stringify(decisions) : null);
  const now = decisionOf(segment, flag);
  for (const button of document.querySelectorAll("[data-decide]")) {
    button.setAttribute("aria-pressed", String(button.dataset.decide === now));
  }
  for (const element of document.querySelectorAll(`[data-note="${key}"]`)) element.dataset.decision = now;
  const link = linkOf(segment, flag);
  if (link) link.dataset.decision = now;
  byId("done").textContent = now === "open" ? "Undecided again." : now === "accepted" ? "Accepted." : "Dismissed.";
  sayDecisions();
}

const dismissed = () =>
  Object.entries(decisions)
    .filter(([, decision]) => decision === "dismissed")
    .map(([key]) => key.split("/").map(Number))
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);

function sayDecisions() {
  const number = dismissed().length;
  const save = byId("save");
  save.disabled = !number;
  save.textContent = number ? `Save baseline (${number.toLocaleString("en")} dismissed)` : "Save baseline";
}

function readDecisions() {
  try {
    decisions = JSON.parse(stored(index.key) || "{}");
  } catch {
    decisions = {};
  }
  const isKnown = ([key, decision]) => {
    const [segment, flag] = key.split("/").map(Number);
    return ["accepted", "dismissed"].includes(decision) && columns.flags[segment] && flag in columns.flags[segment];
  };
  decisions = Object.fromEntries(Object.entries(decisions).filter(isKnown));
}

/* A line a dismissed flag: what `check --baseline` leaves out from then on. */
async function saveBaseline() {
  const lines = new Set();
  for (const [segment, flag] of dismissed()) {
    const item = await data.item(segment);
    const about = item.flags[flag];
    lines.add(
      JSON.stringify({
        rule: about.rule,
        text: about.raw === undefined ? about.text : about.raw,
        context: item.raw === undefined ? plainText(item) : item.raw,
        document: documentOf(segment).name || null,
      }),
    );
  }
  saveAs("baseline.jsonl", [...lines].map((line) => line + "\n").join(""));
  byId("done").textContent = "Saved. Use it with backspeak check --baseline.";
}

/* Filters */

const controls = ["category", "decision", "document", "system", "language", "show", "order", "find"];

function readControls() {
  for (const name of controls) {
    const field = byId(name);
    if (field) filters[name] = field.value;
  }
  filters.severity = new Set(
    [...document.querySelectorAll("[name=severity]")].filter((box) => box.checked).map((box) => box.value),
  );
}

function showFilters(open) {
  byId("filters").hidden = !open;
  byId("open-filters").setAttribute("aria-expanded", String(open));
}

function setControls(values) {
  for (const name of controls) {
    const field = byId(name);
    if (field) field.value = values[name] ?? { show: "all", order: "text" }[name] ?? "";
  }
  for (const box of document.querySelectorAll("[name=severity]")) {
    box.checked = !values.severity || values.severity === box.value;
  }
  readControls();
}

async function filtered() {
  readControls();
  const kept = chosen;
  await show();
  if (!kept) return;
  const isStill = listed.includes(kept.segment) && (kept.flag === null || isOn(kept.segment, kept.flag));
  if (isStill) sayPosition();
  else close();
}

/* Links: #/overview, #/sentences?category=grammar, #document, #document/segment, #document/segment/flag */

async function follow() {
  const hash = location.hash.slice(1);
  if (hash === "@text") {
    (byId("desk").hidden ? byId("overview") : byId("@text")).focus(); // no name of a document is encoded as @
    return;
  }
  if (hash.startsWith("/") || !hash) {
    const [name, query] = hash.slice(1).split("?");
    forget();
    if (index.article) view = { name: "document", document: 0 };
    else if (name === "sentences") {
      showFilters(wide.matches);
      setControls({ order: "worst", show: "flagged", ...Object.fromEntries(new URLSearchParams(query || "")) });
      view = { name: "sentences", document: null };
    } else view = { name: "overview", document: null };
    await show();
    if (!index.article) window.scrollTo(0, 0);
    return;
  }
  const parts = hash.split("/").map(decoded);
  const document = index.documents.findIndex((each) => each.name === parts[0] || wellFormed(each.name) === parts[0]);
  if (document < 0) {
    view = index.article ? { name: "document", document: 0 } : { name: "overview", document: null };
    await show();
    byId("done").textContent = "There is no such place in this report.";
    return;
  }
  const isSame = view.name === "document" && view.document === document;
  view = { name: "document", document };
  const segment = members[document].find((each) => wellFormed(columns.id[each]) === parts[1]);
  const flag = Number(parts[2]) - 1;
  const isFlag = segment !== undefined && flag in columns.flags[segment];
  if (!isSame || !isText() || (segment !== undefined && !listed.includes(segment)) || (isFlag && !isOn(segment, flag))) {
    if (!isSame) showFilters(false);
    setControls({});
    forget();
    await show();
  }
  if (segment === undefined) {
    if (!index.article) window.scrollTo(0, 0);
  } else if (isFlag) await choose(segment, flag);
  else if (statusOf(segment) === "ok" && wide.matches) await choose(segment, null);
  else await point(segment);
}

/* The sheet of a narrow screen would cover the sentence that a link is about. */
async function point(segment) {
  forget();
  page = Math.floor(listed.indexOf(segment) / pageSize());
  await drawPage();
  const sentence = byId("/sentence/" + segment);
  sentence.classList.add("active");
  reveal(sentence);
}

const wellFormed = (text) => (text.toWellFormed ? text.toWellFormed() : text);

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/* More rows of the table of documents, the lowest score first. */
function moreDocuments() {
  const button = byId("more-documents");
  const body = button.closest("section").querySelector("tbody");
  const key = (each) => (each.score === null ? 1000 : each.score);
  const ranked = [...index.documents].sort((a, b) => key(a) - key(b) || b.with_errors - a.with_errors);
  const from = body.rows.length;
  for (const each of ranked.slice(from, from + 100)) {
    const name = make("a", { href: "#" + encoded(each.name) }, bdi(shown(each.name) || "(no name)"));
    body.append(
      make(
        "tr",
        {},
        make("th", { scope: "row" }, name),
        make("td", { class: "number " + each.band }, each.score === null ? "–" : String(Math.round(each.score))),
        make("td", { class: "number" }, `${each.with_errors.toLocaleString("en")} of ${each.checked.toLocaleString("en")}`),
      ),
    );
  }
  body.rows[from].querySelector("a").focus();
  button.hidden = body.rows.length >= ranked.length;
}

function listen() {
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const inContext = event.target.closest("a.in-context");
    if (inContext) {
      // Followed by hand: when its sentence is chosen, the address is there already and would not change.
      event.preventDefault();
      if (inContext.hash !== location.hash) history.pushState(null, "", inContext.hash);
      follow();
      return;
    }
    const link = event.target.closest("#desk a[data-segment]");
    if (!link) return;
    event.preventDefault();
    const flag = link.dataset.flag === undefined ? null : Number(link.dataset.flag);
    choose(Number(link.dataset.segment), flag, { focus: event.detail === 0 ? "panel" : null }); // 0: the key Enter
  });
  bindKeys({
    n: () => step(1),
    p: () => step(-1),
    a: () => decide("accepted"),
    d: () => decide("dismissed"),
    c: copyChosen,
    "/": () => {
      if (byId("desk").hidden) return;
      showFilters(true);
      byId("find").focus();
    },
    Escape: close,
  });
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  byId("close").addEventListener("click", close);
  byId("save").addEventListener("click", saveBaseline);
  byId("reset").addEventListener("click", () => {
    setControls(view.name === "document" ? {} : { order: "worst", show: "flagged" });
    filtered();
  });
  for (const [id, by] of [["page-back", -1], ["page-on", 1]]) {
    byId(id).addEventListener("click", async () => {
      page += by;
      forget();
      await drawPage();
      byId("sentences").scrollIntoView();
      byId("@text").focus({ preventScroll: true });
    });
  }
  const soon = debounced(filtered, 200);
  for (const field of document.querySelectorAll("#filters input, #filters select")) {
    field.addEventListener(field.type === "search" ? "input" : "change", field.type === "search" ? soon : filtered);
  }
  if (byId("more-documents")) byId("more-documents").addEventListener("click", moreDocuments);
  byId("open-filters").addEventListener("click", () => showFilters(byId("filters").hidden));
  window.addEventListener("hashchange", follow);
  window.addEventListener("scroll", fit, { passive: true });
  window.addEventListener("resize", () => {
    fit();
    placeScores();
  });
}

async function begin() {
  root.classList.add("js");
  if (!byId("desk")) return;
  index = await data.read("index");
  columns = index.columns;
  readColumns();
  readDecisions();
  listen();
  readControls(); // a reloaded page keeps its fields as they were
  sayDecisions();
  await follow();
  root.classList.add("ready");
}

begin();
