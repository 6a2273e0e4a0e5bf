// Copies what an element says or holds.
import { on, one, word } from "./dom.js";
import { toast } from "./toast.js";

on("click", "[data-copy]", async (event, button) => {
  const source = one(button.dataset.copy);
  if (!source) return;
  await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
  toast(word("copied"), "ok");
});
