// Copy the text or value of an element.
import { on, find, message } from "./dom.js";
import { toast } from "./toast.js";

on("click", "[data-copy]", async (event, button) => {
  const source = find(button.dataset.copy);
  if (!source) return;
  await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
  toast(message("copied"), "ok");
});
