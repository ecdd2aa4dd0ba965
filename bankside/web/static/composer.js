// The composer's small comforts. Without this file the same form works by its buttons alone.
"use strict";
(() => {
  const form = document.getElementById("composer");
  if (!form) return;

  // An autosave under way moves the edition on: what is pressed meanwhile waits for its answer.
  let saving = 0;
  let held = null;
  const own = (event) => event.detail.elt === form;
  form.addEventListener("htmx:beforeRequest", (event) => { if (own(event)) saving += 1; });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (!own(event)) return;
    saving = Math.max(0, saving - 1);
    if (saving === 0 && held) {
      const button = held.button;
      held = null;
      form.requestSubmit(button);
    }
  });
  form.addEventListener("submit", (event) => {
    if (saving === 0) return;
    event.preventDefault();
    held = { button: event.submitter };
  });

  // A picture that was chosen is added at once, and a network that was ticked gets its version.
  form.addEventListener("change", (event) => {
    const field = event.target;
    if (field.type === "file" && field.files.length) {
      field.parentElement.querySelector("button[name=add]").click();
    }
  });

  // Menus close when somebody goes on elsewhere, and with Escape.
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.menu[open], details.add-pic[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.menu[open], details.add-pic[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
})();
