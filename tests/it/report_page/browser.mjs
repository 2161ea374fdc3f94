// The page in a browser, as people use it: one line per check, `ok NAME` or `FAILED NAME: why`.
//
//     node browser.mjs CHROMIUM PROFILE PAGE [AXE]     AXE: the text of axe-core, to look for barriers
//
// Speaks to Chromium over its debugging pipe, so it needs Node and nothing else.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const [browser, profile, file, axe] = process.argv.slice(2);
const page = "file://" + file;
const chromium = spawn(browser, ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
  "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-pipe",
  "--user-data-dir=" + profile, "about:blank"],
{ stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });

let last = 0, pending = "", waiting = new Map(), heard = [];
chromium.stdio[4].on("data", (bytes) => {
  pending += bytes;
  for (let end; (end = pending.indexOf("\0")) >= 0; pending = pending.slice(end + 1)) {
    const message = JSON.parse(pending.slice(0, end));
    if (message.id) { waiting.get(message.id)(message); } else { heard.push(message); }
  }
});
function send(method, params = {}, sessionId = undefined) {
  return new Promise((resolve, reject) => {
    const id = ++last;
    waiting.set(id, (message) => message.error ? reject(new Error(method + ": " + message.error.message)) : resolve(message.result));
    chromium.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
  });
}

const { targetId } = await send("Target.createTarget", { url: "about:blank" });
const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
const tab = (method, params) => send(method, params, sessionId);
for (const domain of ["Page", "Runtime", "Log", "Network", "DOM"]) { await tab(domain + ".enable"); }

async function go(url) {
  heard = [];
  await tab("Page.navigate", { url });
  for (let tries = 0; !heard.some((message) => message.method === "Page.loadEventFired"); tries++) {
    if (tries > 600) { throw new Error(url + " did not load"); }
    await new Promise((done) => setTimeout(done, 50));
  }
}
// By way of an empty page: a fragment alone would not load anything.
async function open(fragment = "") {
  await go("about:blank");
  await go(page + fragment);
}
async function ask(expression) {
  const answer = await tab("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
  if (answer.exceptionDetails) { throw new Error(answer.exceptionDetails.exception.description); }
  return answer.result.value;
}
async function size(width, height, deviceScaleFactor = 1) {
  await tab("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor, mobile: false });
}
// Without smooth scrolling a place is reached at once.
const theme = (value) => tab("Emulation.setEmulatedMedia", { features: [
  { name: "prefers-color-scheme", value }, { name: "prefers-reduced-motion", value: "reduce" }] });
const KEYS = { Tab: 9, Enter: 13, Space: 32 };
async function press(code) {
  const key = code === "Space" ? " " : code, windowsVirtualKeyCode = KEYS[code];
  const text = { Enter: "\r", Space: " " }[code];
  await tab("Input.dispatchKeyEvent", { type: "keyDown", code, key, windowsVirtualKeyCode, text });
  await tab("Input.dispatchKeyEvent", { type: "keyUp", code, key, windowsVirtualKeyCode });
}

function must(holds, why) { if (!holds) { throw new Error(why); } }
let failed = false;
async function check(name, body) {
  try { await body(); console.log("ok " + name); } catch (error) { failed = true; console.log("FAILED " + name + ": " + error.message); }
}

await size(1280, 900);
await theme("light");
await check("quiet", async () => {
  await open();
  await new Promise((done) => setTimeout(done, 300));
  const asked = heard.filter((m) => m.method === "Network.requestWillBeSent").map((m) => m.params.request.url);
  const other = asked.filter((url) => url !== page && url !== "about:blank");
  must(other.length === 0, "requests " + other);
  const said = heard.filter((m) => ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"].includes(m.method));
  must(said.length === 0, JSON.stringify(said));
});

await check("filter", async () => {
  const all = await ask("document.querySelectorAll('details.finding').length");
  const id = await ask("document.querySelectorAll('details.finding')[1].id.slice(2)");
  await ask(`(() => { const q = document.getElementById("q"); q.focus(); })()`);
  await tab("Input.insertText", { text: id });
  const shown = await ask("[...document.querySelectorAll('details.finding')].filter((f) => f.offsetParent).length");
  must(all > 1 && shown === 1, `${shown} of ${all} fit one id`);
  must((await ask("document.getElementById('shown').textContent")).startsWith("Showing 1 of"), "the count is not said");
});

await check("sort", async () => {
  await open();
  const order = () => ask("[...document.querySelectorAll('.rules tbody tr')].map((r) => Number(r.cells[4].dataset.v)).join()");
  const before = await order();
  await ask("document.querySelectorAll('.rules .sort')[4].click()");
  await ask("document.querySelectorAll('.rules .sort')[4].click()");
  const after = await order();
  const down = after.split(",").map(Number);
  must(down.every((n, i) => i === 0 || down[i - 1] >= n), "not sorted: " + after);
  must(before.split(",").sort().join() === after.split(",").sort().join(), "rows were lost");
  must(await ask("document.querySelectorAll('.rules thead th')[4].getAttribute('aria-sort')") === "descending", "the order is not said");
});

await check("keyboard", async () => {
  await open();
  const here = () => ask(`(() => { const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
    return { tag: e.tagName, cls: e.className, href: e.getAttribute("href"), facet: e.dataset.facet || "",
      seen: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0, width: b.width, height: b.height, inside: b.bottom > 0 && b.top < innerHeight }; })()`);
  await press("Tab");
  must((await here()).cls === "skip", "the first stop is not the skip link");
  let sorted = false, filtered = false, opened = false;
  for (let step = 0; step < 400 && !(sorted && filtered && opened); step++) {
    await press("Tab");
    const at = await here();
    must(at.tag !== "BODY", "the focus left the page before everything was used");
    must(at.seen, `no outline on ${at.tag}.${at.cls}`);
    must(at.inside, `${at.tag}.${at.cls} has the focus outside the window`);
    if (at.cls === "sort" && !sorted) {
      await press("Enter");
      sorted = await ask("document.activeElement.closest('th').getAttribute('aria-sort') === 'ascending'");
      must(sorted, "Enter does not sort");
    }
    if (at.facet === "severity" && !filtered) {
      await press("Space");
      filtered = await ask("document.activeElement.getAttribute('aria-pressed') === 'true'");
      must(filtered, "Space does not filter");
    }
    if (at.tag === "SUMMARY" && !opened && await ask("document.activeElement.parentElement.className === 'finding'")) {
      await press("Enter");
      opened = await ask("document.activeElement.parentElement.open");
      must(opened, "Enter does not open a finding");
    }
  }
  must(sorted && filtered && opened, JSON.stringify({ sorted, filtered, opened }));
});

await check("deep-link", async () => {
  const id = await ask("[...document.querySelectorAll('details.finding')].at(-1).id");
  await open("#" + id);
  await new Promise((done) => setTimeout(done, 700));
  const at = await ask(`(() => { const e = document.getElementById(${JSON.stringify(id)}), b = e.getBoundingClientRect(); return { open: e.open, top: b.top, height: innerHeight }; })()`);
  must(at.open && at.top >= 0 && at.top < at.height, JSON.stringify(at));
});

await check("without-script", async () => {
  await open();
  const ids = await ask("[...document.querySelectorAll('details.finding')].map((f) => f.id.slice(2))");
  await tab("Emulation.setScriptExecutionDisabled", { value: true });
  await open();
  const { root } = await tab("DOM.getDocument", { depth: 0 });
  const { outerHTML } = await tab("DOM.getOuterHTML", { nodeId: root.nodeId });
  await tab("Emulation.setScriptExecutionDisabled", { value: false });
  must(ids.length > 1 && ids.every((id) => outerHTML.includes(`<code>${id}</code>`)), "a finding is missing");
  must(!outerHTML.includes('class="sort"'), "the script ran");
  must(/id="tools"[^>]*hidden/.test(outerHTML), "tools that do nothing are shown");
});

for (const [name, width, factor] of [["reflow-320", 320, 1], ["reflow-390", 390, 1], ["zoom-200", 640, 2]]) {
  await check(name, async () => {
    await size(width, 900, factor);
    await open();
    await ask("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
    const wide = await ask(`(() => { const root = document.documentElement; if (root.scrollWidth <= innerWidth) { return ""; }
      return [...document.querySelectorAll("body *")].filter((e) => !e.closest(".scroll, svg") && e.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 5).map((e) => e.tagName + "." + e.className).join(" ") || "wider than the window"; })()`);
    must(wide === "", wide);
  });
}
await size(1280, 900);

if (axe) {
  for (const scheme of ["light", "dark"]) {
    await check("axe-" + scheme, async () => {
      await theme(scheme);
      await open();
      await ask("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
      await ask(readFileSync(axe, "utf8") + ";true");
      const found = await ask(`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
        .then((r) => r.violations.map((v) => v.id + " (" + v.nodes.length + ") " + v.nodes[0].html.slice(0, 160) + " " + v.nodes[0].failureSummary))`);
      must(found.length === 0, found.join(" | "));
    });
  }
}
chromium.kill();
process.exit(failed ? 1 : 0);
