/* What the report and the comparison share: elements, the embedded data, keys, the clipboard, files. */

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

/* Elements are only ever built from nodes and text, never parsed. */
function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const make = (tag, properties = {}, ...children) => fill(document.createElement(tag), properties, children);

const draw = (tag, properties = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);

const bdi = (text, properties = {}) => make("bdi", properties, text);

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/* Runs are texts, or [text, "changed" | "restored"]. */
function runs(parts, lang) {
  const nodes = parts.map((part) => {
    if (typeof part === "string") return part;
    return make(part[1] === "restored" ? "mark" : "span", { class: part[1] }, part[0]);
  });
  return make("bdi", { dir: "auto", lang }, nodes);
}

const quote = (each) =>
  make("div", { class: "quote" }, make("span", { class: "quote-label" }, each.label), " ", runs(each.runs, each.lang));

/* The embedded data: blocks of items, plain or compressed, read when they are needed. */
const data = {
  kept: new Map(),

  async read(id) {
    const element = byId(id);
    if (element.type !== "application/zlib") return JSON.parse(element.textContent);
    const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
    const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(inflated).json();
  },

  /* The last blocks stay in memory, all of a run of any size would not. */
  async block(number) {
    let block = this.kept.get(number);
    if (!block) block = this.read("block-" + number);
    this.kept.delete(number);
    this.kept.set(number, block);
    if (this.kept.size > 60) this.kept.delete(this.kept.keys().next().value);
    return block;
  },

  async item(number) {
    return (await this.block(Math.floor(number / index.block)))[number % index.block];
  },

  items(numbers) {
    return Promise.all(numbers.map((number) => this.item(number)));
  },

  /* The items that `test` takes, in ascending order; blocks whose turn has not come are not read. */
  async filter(numbers, test, isStale) {
    const taken = new Set();
    let block = -1;
    let items = null;
    for (const number of [...numbers].sort((a, b) => a - b)) {
      const wanted = Math.floor(number / index.block);
      if (wanted !== block) {
        if (isStale()) return taken;
        items = this.kept.has(wanted) ? await this.block(wanted) : await this.read("block-" + wanted);
        block = wanted;
      }
      if (test(items[number % index.block])) taken.add(number);
    }
    return taken;
  },
};

/* Single keys do nothing while something is typed, and can be switched off in the help. */
function bindKeys(actions) {
  const help = byId("help");
  const open = () => help.showModal();
  const all = { ...actions, "?": open };
  const switched = byId("shortcuts");
  switched.checked = stored("shortcuts") !== "off";
  switched.addEventListener("change", () => store("shortcuts", switched.checked ? null : "off"));
  byId("open-help").addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    const action = all[event.key];
    if (!action || (event.key !== "Escape" && (!switched.checked || isTyping(event.target)))) return;
    event.preventDefault();
    action();
  });
}

const isTyping = (element) =>
  element.isContentEditable ||
  ["SELECT", "TEXTAREA"].includes(element.tagName) ||
  (element.tagName === "INPUT" && element.type !== "checkbox");

/* Browsers may refuse storage to a page that was opened from a disk; then nothing is remembered. */
function stored(name) {
  try {
    return localStorage.getItem("backspeak " + name);
  } catch {
    return null;
  }
}

function store(name, value) {
  try {
    if (value === null) localStorage.removeItem("backspeak " + name);
    else localStorage.setItem("backspeak " + name, value);
  } catch {
    // Not remembered, then.
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make("textarea", { class: "hidden", readonly: true }, text);
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

function saveAs(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/* Pages of a list: buttons and what they say. */
function showPages(page, size, total, noun) {
  const pages = Math.ceil(total / size);
  byId("pager").hidden = pages < 2;
  byId("page-back").disabled = page === 0;
  byId("page-on").disabled = page >= pages - 1;
  const last = Math.min((page + 1) * size, total);
  byId("page-position").textContent =
    `${(page * size + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${count(total, noun)}`;
}

const debounced = (action, milliseconds) => {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
};
