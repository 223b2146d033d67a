"use strict";

// The form works without this file. With it the answer comes without a new page: the same HTML is asked for and put
// in place, focus goes to the first field to mend, and a network that fails is told in words.

const form = document.querySelector("form[data-ask]");

const element = (name, className, text) => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

const say = (words) => {
  document.getElementById("said").textContent = words;
};

const fail = (words) => {
  document.getElementById("told").replaceChildren(element("p", "failed", words));
  say(words);
};

const fill = (control, from) => {
  if (from.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  const here = document.getElementById(`${control.id}-problem`);
  const there = from.ownerDocument.getElementById(`${control.id}-problem`);
  here.textContent = there.textContent;
  here.hidden = there.hidden;
};

const bring = (section) => {
  const { top } = section.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight / 2) section.scrollIntoView();
};

const show = (page, answered) => {
  document.getElementById("told").replaceChildren(...page.getElementById("told").childNodes);
  document.getElementById("beside")?.replaceChildren(...page.getElementById("beside").childNodes);
  say(page.getElementById("said").textContent);
  const controls = [...form.querySelectorAll(".field > input, .field > select")];
  for (const control of controls) fill(control, page.getElementById(control.id));
  const wrong = controls.find((control) => control.hasAttribute("aria-invalid"));
  if (wrong) wrong.focus();
  else if (answered) bring(document.getElementById("answer"));
};

const reason = async (response) => {
  const told = await response.json().catch(() => ({}));
  return told.error || `the endpoint answered with status ${response.status}`;
};

const ask = async () => {
  const body = new URLSearchParams(new FormData(form));
  let response;
  try {
    response = await fetch("./", { method: "POST", body, headers: { accept: "text/html" } });
  } catch {
    fail("The endpoint could not be reached. Is the network there, and the endpoint running? Then ask again.");
    return;
  }
  if (!(response.headers.get("content-type") || "").startsWith("text/html")) {
    fail(`Not answered: ${await reason(response)}.`);
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  show(page, response.ok);
};

const unknowns = () => {
  for (const box of form.querySelectorAll("[data-unknown-of]")) {
    const input = document.getElementById(box.dataset.unknownOf);
    const follow = () => {
      input.disabled = box.checked;
    };
    box.addEventListener("change", follow);
    follow();
  }
};

if (form) {
  const button = form.querySelector("button");
  unknowns();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    say("Asking.");
    await ask();
    button.removeAttribute("aria-disabled");
  });
}
