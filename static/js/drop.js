// A picture by drop, by paste anywhere on the page, or chosen. What it becomes is the input's own business (htmx sends it).
import { all, each, on, one, word } from "./dom.js";
import { toast } from "./toast.js";

const KINDS = ["image/png", "image/jpeg", "image/webp"];
const MOST = 20 * 1024 * 1024;
const ready = new WeakSet();

function give(input, files) {
  const hand = new DataTransfer();
  files.slice(0, input.multiple ? files.length : 1).forEach((file) => hand.items.add(file));
  input.files = hand.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function isPicture(file) {
  if (file && KINDS.includes(file.type) && file.size <= MOST) return true;
  toast(word("notPicture"), "bad");
  return false;
}

/** Shows what was chosen inside the zone. */
function preview(zone, files) {
  all("img.drop-preview", zone).forEach((old) => {
    URL.revokeObjectURL(old.src);
    old.remove();
  });
  const shown = files.map((file) => {
    const picture = document.createElement("img");
    return Object.assign(picture, { className: "drop-preview", alt: "", src: URL.createObjectURL(file) });
  });
  one("input[type=file]", zone).after(...shown);
  zone.classList.toggle("has-preview", shown.length > 0);
}

// before anyone else hears of the choice: refuse what is no picture, offer to crop
document.addEventListener(
  "change",
  async (event) => {
    const input = event.target;
    const zone = input.closest?.("[data-drop]");
    if (!zone || input.type !== "file") return;
    const files = [...input.files];
    if (ready.delete(input) || !files.length) {
      preview(zone, files);
      return;
    }
    event.stopImmediatePropagation();
    if (!files.every(isPicture)) {
      clear(zone);
      return;
    }
    if (zone.matches("[data-crop]")) {
      // few pages ever cut a picture; where that part does not come (a newer studio, no network), all of it is taken
      const cut = await import("./crop.js").catch(() => null);
      const crop = cut ? await cut.askForCrop(files[0], input.form) : "";
      if (crop === null) {
        clear(zone);
        return;
      }
      keepCrop(input, crop);
    }
    ready.add(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  },
  true,
);

/** Nothing is chosen any more; the price and the rest of the form hear of it. */
function clear(zone) {
  const input = one("input[type=file]", zone);
  input.value = "";
  if (zone.matches("[data-crop]")) keepCrop(input, "");
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The four shares of the crop as the form's own fields (crop_x …); empty ones mean all of the picture. */
function keepCrop(input, crop) {
  const shares = crop ? crop.split(",") : [];
  ["x", "y", "w", "h"].forEach((side, n) => {
    const name = `crop_${side}`;
    let field = one(`input[name=${name}]`, input.form ?? input.parentElement);
    if (!field) {
      field = document.createElement("input");
      Object.assign(field, { type: "hidden", name });
      input.after(field);
    }
    field.value = shares[n] ?? "";
  });
}

each("[data-drop]", (zone) => {
  const input = one("input[type=file]", zone);
  input.form?.addEventListener("reset", () => preview(zone, []));
  const over = (isOver) => zone.classList.toggle("over", isOver);
  zone.addEventListener("dragenter", () => over(true));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  zone.addEventListener("dragleave", (event) => !zone.contains(event.relatedTarget) && over(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const files = [...event.dataTransfer.files];
    if (files.length) give(input, files);
  });
});

// a picture dropped beside the zone must not replace the page
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => one("[data-drop]") && event.preventDefault());
}

document.addEventListener("paste", (event) => {
  const input = one("[data-drop] input[type=file]");
  const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (!input || !file) return;
  event.preventDefault();
  give(input, [file]);
});

on("click", "[data-drop] .remove[type=button]", (event, button) => {
  const zone = button.closest("[data-drop]");
  clear(zone);
  one("input[type=file]", zone).focus();
});
