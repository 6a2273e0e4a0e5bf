// A picture by drop, by paste anywhere on the page, or chosen. What it becomes is the input's own business (htmx sends it).
import { each, on, one, word } from "./dom.js";
import { askForCrop } from "./crop.js";
import { toast } from "./toast.js";

const KINDS = ["image/png", "image/jpeg", "image/webp"];
const MOST = 20 * 1024 * 1024;
const ready = new WeakSet();

function give(input, file) {
  const hand = new DataTransfer();
  hand.items.add(file);
  input.files = hand.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function isPicture(file) {
  if (file && KINDS.includes(file.type) && file.size <= MOST) return true;
  toast(word("notPicture"), "bad");
  return false;
}

/** Shows what was chosen inside the zone; without a crop dialog on the page this is all that happens. */
function preview(zone, file) {
  let picture = one("img.drop-preview", zone);
  if (!picture) {
    picture = document.createElement("img");
    Object.assign(picture, { className: "drop-preview", alt: "" });
    zone.append(picture);
  }
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  zone.classList.add("has-preview");
}

// before anyone else hears of the choice: refuse what is no picture, offer to crop
document.addEventListener(
  "change",
  async (event) => {
    const input = event.target;
    const zone = input.closest?.("[data-drop]");
    if (!zone || input.type !== "file" || !input.files.length) return;
    const [file] = input.files;
    if (ready.delete(input)) {
      preview(zone, file);
      return;
    }
    event.stopImmediatePropagation();
    if (!isPicture(file)) {
      input.value = "";
      return;
    }
    const crop = await askForCrop(file, input.form);
    if (crop === null) {
      input.value = "";
      return;
    }
    keepCrop(input, crop);
    ready.add(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  },
  true,
);

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
    const [file] = event.dataTransfer.files;
    if (file) give(input, file);
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
  give(input, file);
});

on("click", "[data-drop] .rm[type=button]", (event, button) => {
  event.preventDefault();
  const zone = button.closest("[data-drop]");
  one("input[type=file]", zone).value = "";
  one("img.drop-preview", zone)?.remove();
  zone.classList.remove("has-preview");
});
