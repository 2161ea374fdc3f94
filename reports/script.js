(function () {
  "use strict";
  var doc = document, all = function (css, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(css)); };
  var findings = all("details.finding"), groups = all("article.group");
  var tools = doc.getElementById("tools"), query = doc.getElementById("q");
  var shown = doc.getElementById("shown"), expand = doc.getElementById("expand");
  var texts = findings.map(function (f) {
    var group = f.closest("article").querySelector("header").textContent;
    return (group + " " + f.textContent + " " + f.id).toLowerCase();
  });

  function chosen(facet) {
    return all('.facet[data-facet="' + facet + '"][aria-pressed="true"]').map(function (b) { return b.dataset.value; });
  }

  function apply() {
    var words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    var severities = chosen("severity"), states = chosen("status"), count = 0;
    findings.forEach(function (f, i) {
      var fits = (!severities.length || severities.indexOf(f.dataset.severity) >= 0) &&
        (!states.length || states.indexOf(f.dataset.status) >= 0) &&
        words.every(function (w) { return texts[i].indexOf(w) >= 0; });
      f.hidden = !fits;
      if (fits) { count += 1; }
    });
    groups.forEach(function (g) { g.hidden = !all("details.finding", g).some(function (f) { return !f.hidden; }); });
    shown.textContent = "Showing " + count + " of the " + findings.length + " findings on this page, " + tools.dataset.total + " in all";
  }

  if (tools) {
    tools.hidden = false;
    query.addEventListener("input", apply);
    all(".facet[data-facet]").forEach(function (b) {
      b.addEventListener("click", function () {
        b.setAttribute("aria-pressed", String(b.getAttribute("aria-pressed") !== "true"));
        apply();
      });
    });
    expand.addEventListener("click", function () {
      var open = expand.textContent === "Expand all";
      findings.forEach(function (f) { if (!f.hidden) { f.open = open; } });
      expand.textContent = open ? "Collapse all" : "Expand all";
    });
    apply();
  }

  function value(cell) {
    if (!cell) { return ""; }
    return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  }

  all("table.sortable").forEach(function (table) {
    var body = table.tBodies[0];
    if (!body || body.rows.length < 2) { return; }
    all("thead th", table).forEach(function (head, column) {
      var button = doc.createElement("button");
      button.type = "button";
      button.className = "sort";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending", sign = down ? -1 : 1;
        all("thead th", table).forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        Array.prototype.slice.call(body.rows).map(function (row, i) {
          return { row: row, key: value(row.cells[column]), i: i };
        }).sort(function (a, b) {
          return (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * sign || a.i - b.i;
        }).forEach(function (entry) { body.appendChild(entry.row); });
      });
    });
  });

  function reveal() {
    var target = location.hash.length > 1 && doc.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = all("details:not([open])");
    closed.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (d) { d.open = false; });
  });
})();
