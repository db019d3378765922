// What if: the budget with other limits, task maxima, or another class, by the pack's own formula (policies/budget/demand.py).
"use strict";
for (const form of document.querySelectorAll("fieldset.what-if")) {
  const budget = JSON.parse(form.dataset.budget);
  const answer = form.querySelector("output");
  const bar = document.getElementById(form.dataset.bar);
  const supplied = () => {
    const chosen = form.querySelector("select");
    return chosen ? Number(chosen.selectedOptions[0].dataset.connections) : budget.max_connections;
  };
  const value = (name, index, otherwise) => {
    const input = form.querySelector(`input[type=number][name="${name}-${index}"]`);
    const number = input ? Number.parseInt(input.value, 10) : otherwise;
    return Number.isInteger(number) && number >= Number(input ? input.min : 0) ? number : otherwise;
  };
  const compute = () => {
    const most = supplied();
    const demands = budget.workloads.map((workload, index) => {
      const limit = value("limit", index, workload.limit);
      const tasks = value("tasks", index, workload.tasks);
      const alive = tasks === workload.tasks ? workload.tasks_alive : Math.floor(tasks * workload.alive_percent / 100);
      return (limit * workload.processes * workload.pools + workload.outside_pool) * alive;
    });
    const used = demands.reduce((sum, demand) => sum + demand, budget.reserve);
    const scale = 1000 / Math.max(most, used, 1);
    let left = 0;
    [...demands, budget.reserve].forEach((demand, index) => {
      const part = bar.querySelectorAll("rect.part")[index];
      part.setAttribute("x", left);
      part.setAttribute("width", demand * scale);
      part.querySelector("title").textContent = `${part.dataset.name}: ${demand}`;
      left += demand * scale;
    });
    const line = bar.querySelector("line.limit");
    line.setAttribute("x1", most * scale);
    line.setAttribute("x2", most * scale);
    const state = used <= most ? `fits, ${most - used} to spare` : `broken, ${used - most} too many`;
    answer.textContent = `${used} of ${most} connections: ${state}`;
    answer.className = used <= most ? "ok" : "refused";
    bar.dataset.used = used;
    bar.dataset.most = most;
  };
  form.addEventListener("input", (event) => {
    const twin = event.target.dataset && event.target.dataset.twin;
    if (twin) {
      const other = form.querySelector(`[data-twin="${twin}"]:not([type="${event.target.type}"])`);
      if (other) other.value = event.target.value;
    }
    compute();
  });
  form.querySelector("button").addEventListener("click", () => {
    for (const input of form.querySelectorAll("input")) input.value = input.defaultValue;
    for (const option of form.querySelectorAll("option")) option.selected = option.defaultSelected;
    compute();
  });
  form.hidden = false;
}
// Paper unfolds nothing: what is folded is printed open, and closed again behind it.
const folded = [];
addEventListener("beforeprint", () => {
  folded.push(...document.querySelectorAll("details:not([open])"));
  for (const part of folded) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of folded.splice(0)) part.open = false;
});
