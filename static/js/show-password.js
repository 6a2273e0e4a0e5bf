// Show or hide the text of a password field.
import { on, find } from "./dom.js";

on("click", "[data-show-password]", (event, button) => {
  const field = find(button.dataset.showPassword);
  const isHidden = field.type === "password";
  field.type = isHidden ? "text" : "password";
  button.setAttribute("aria-pressed", String(isHidden));
});
