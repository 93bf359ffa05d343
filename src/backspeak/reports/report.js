"use strict";
(() => {
  const root = document.documentElement;
  const panel = document.getElementById("panel");
  const evidence = document.getElementById("evidence");
  const position = document.getElementById("position");
  const wide = window.matchMedia("(min-width: 66.25rem)");
  const severities = ["critical", "major", "minor"];
  let chosen = null; // the flag or score link that the panel is about

  root.classList.add("js");

  const segmentOf = (link) => link.closest(".segment");
  const severityOf = (flag) => severities.find((severity) => flag.classList.contains(severity));
  const isHidden = (flag) => root.classList.contains("hide-" + severityOf(flag));
  const stops = () => [...document.querySelectorAll(".flag[data-leads]")].filter((flag) => !isHidden(flag));

  function copyInto(parent, node) {
    const copy = node.cloneNode(true);
    for (const inner of [copy, ...copy.querySelectorAll("[id]")]) inner.removeAttribute("id");
    parent.append(copy);
  }

  function choose(link, { focusPanel = false } = {}) {
    forget();
    chosen = link;
    const segment = segmentOf(link);
    segment.classList.add("active");
    evidence.replaceChildren();
    if (link.classList.contains("flag")) {
      const wanted = link.dataset.findings;
      for (const id of wanted.split(" ")) copyInto(evidence, document.getElementById(id));
      for (const flag of segment.querySelectorAll(".flag")) {
        flag.classList.toggle("active", flag.dataset.findings === wanted);
      }
    } else {
      for (const finding of segment.querySelectorAll(".why > .finding")) copyInto(evidence, finding);
    }
    copyInto(evidence, segment.querySelector(".why > .about"));
    root.classList.add("showing");
    evidence.scrollTop = 0;
    sayPosition();
    reveal(link.classList.contains("flag") ? link : segment);
    fit();
    history.replaceState(null, "", link.classList.contains("flag") ? link.hash : "#" + segment.id);
    if (focusPanel) evidence.focus({ preventScroll: true });
  }

  function sayPosition() {
    const all = stops();
    const at = all.indexOf(leadOf(chosen));
    const number = at < 0 ? "Sentence " + segmentOf(chosen).dataset.number : `Flag ${at + 1} of ${all.length}`;
    position.textContent = number;
  }

  function leadOf(link) {
    if (!link || link.hasAttribute("data-leads") || !link.classList.contains("flag")) return link;
    const first = link.dataset.findings.split(" ")[0];
    return [...segmentOf(link).querySelectorAll(".flag[data-leads]")].find((flag) =>
      flag.dataset.findings.split(" ").includes(first),
    );
  }

  function forget() {
    for (const element of document.querySelectorAll(".active")) element.classList.remove("active");
    chosen = null;
  }

  function close() {
    if (!root.classList.contains("showing")) return;
    const link = chosen;
    forget();
    root.classList.remove("showing");
    evidence.replaceChildren();
    position.textContent = "";
    history.replaceState(null, "", location.pathname + location.search);
    if (link) link.focus({ preventScroll: true });
  }

  /* Scroll no more than it takes to see the element, the sheet's own height counted. */
  function reveal(element) {
    const box = element.getBoundingClientRect();
    const bottom = wide.matches ? window.innerHeight : panel.getBoundingClientRect().top;
    const margin = 24;
    if (box.top < margin || box.bottom > bottom - margin) {
      window.scrollBy(0, box.top - Math.max(margin, (bottom - box.height) / 3));
    }
  }

  /* Beside the text the panel starts below the head of the page and sticks later: it ends with the window. */
  function fit() {
    const top = Math.max(panel.getBoundingClientRect().top, 24);
    panel.style.maxHeight = wide.matches ? Math.max(window.innerHeight - top - 24, 200) + "px" : "";
  }

  function step(by) {
    const all = stops();
    if (!all.length) return;
    const from = leadOf(chosen);
    let at = all.indexOf(from);
    if (at >= 0) {
      at = (at + by + all.length) % all.length;
    } else {
      // From a sentence, or from nowhere the top of the window: the nearest flag in that direction.
      const isAfter = (flag) =>
        from
          ? from.compareDocumentPosition(flag) & Node.DOCUMENT_POSITION_FOLLOWING
          : flag.getBoundingClientRect().top >= 0;
      const next = all.findIndex(isAfter);
      const after = next < 0 ? all.length : next;
      at = (by > 0 ? after : after - 1 + all.length) % all.length;
    }
    choose(all[at]);
    all[at].focus({ preventScroll: true });
  }

  function followHash() {
    const target = document.getElementById(location.hash.slice(1));
    const segment = target && target.closest(".segment");
    if (!segment) return;
    const isFinding = target.classList.contains("finding");
    const flag = [...segment.querySelectorAll(".flag")].find(
      (each) => !isFinding || each.dataset.findings.split(" ").includes(target.id),
    );
    const link = flag && !isHidden(flag) ? flag : segment.querySelector("a.score");
    // The sheet of a narrow screen would cover the sentence that the link is about.
    if (link && (wide.matches || isFinding)) {
      choose(link);
    } else {
      close();
      segment.classList.add("active");
      reveal(segment);
    }
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a.flag, a.score");
    if (link) {
      event.preventDefault();
      choose(link, { focusPanel: event.detail === 0 }); // 0: the key Enter
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });

  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("close").addEventListener("click", close);
  window.addEventListener("hashchange", followHash);
  window.addEventListener("scroll", fit, { passive: true });
  window.addEventListener("resize", fit);

  for (const box of document.querySelectorAll("#legend input")) {
    const apply = () => {
      root.classList.toggle("hide-" + box.value, !box.checked);
      for (const flag of document.querySelectorAll(".flag[data-leads]." + box.value)) {
        flag.tabIndex = box.checked ? 0 : -1;
      }
      if (chosen && chosen.classList.contains("flag")) isHidden(chosen) ? close() : sayPosition();
    };
    box.addEventListener("change", apply);
    apply(); // a reloaded page keeps its boxes as they were
  }

  /* One tab stop a strip, arrow keys inside it. */
  for (const strip of document.querySelectorAll(".strip")) {
    const bars = [...strip.querySelectorAll("a.bar")];
    bars.forEach((bar, at) => (bar.tabIndex = at ? -1 : 0));
    strip.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const at = bars.indexOf(document.activeElement);
      if (!by || at < 0) return;
      event.preventDefault();
      const next = Math.min(Math.max(at + by, 0), bars.length - 1);
      bars[at].tabIndex = -1;
      bars[next].tabIndex = 0;
      bars[next].focus();
    });
  }

  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".why:not([open])")];
    for (const details of opened) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  followHash();
})();
