// Disable the button of a composer, with the reason, while an image in it cannot be used.
import { find, initialize } from "./dom.js";

function hold(form) {
  const isHeld = Boolean(find("[data-drop].refused", form));
  find("#held", form).hidden = !isHeld;
  find(".composer-submit [type=submit]", form).disabled = isHeld;
}

initialize("form[data-composer]:has(#held)", (form) => {
  form.addEventListener("image:checked", () => hold(form));
  form.addEventListener("htmx:finally:request", () => setTimeout(() => hold(form))); // after htmx enables the button
  hold(form);
});
initialize("[data-composer] [data-drop].refused", (zone) => hold(zone.closest("form"))); // drawn again by the server
