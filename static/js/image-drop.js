// Choose an image by dropping it, pasting it anywhere on the page, or with the file input.
import { findAll, initialize, on, find, message } from "./dom.js";
import { toast } from "./toast.js";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const MAX_BYTES = 20 * 1024 * 1024;
const checked = new WeakSet(); // inputs whose files were checked

function setFiles(input, files) {
  const transfer = new DataTransfer();
  files.slice(0, input.multiple ? files.length : 1).forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function isImage(file) {
  if (file && TYPES.includes(file.type) && file.size <= MAX_BYTES) return true;
  toast(message("notPicture"), "bad");
  return false;
}

/** Shows the chosen images in the zone. */
function preview(zone, files) {
  findAll("img.drop-preview", zone).forEach((old) => {
    URL.revokeObjectURL(old.src);
    old.remove();
  });
  const shown = files.map((file) => {
    const picture = document.createElement("img");
    return Object.assign(picture, { className: "drop-preview", alt: "", src: URL.createObjectURL(file) });
  });
  find("input[type=file]", zone).after(...shown);
  zone.classList.toggle("has-preview", shown.length > 0);
}

// before other handlers: refuse files that are no images, and offer to crop
document.addEventListener(
  "change",
  async (event) => {
    const input = event.target;
    const zone = input.closest?.("[data-drop]");
    if (!zone || input.type !== "file") return;
    const files = [...input.files];
    if (checked.delete(input) || !files.length) {
      preview(zone, files);
      return;
    }
    event.stopImmediatePropagation();
    if (!files.every(isImage)) {
      clear(zone);
      return;
    }
    if (zone.matches("[data-crop]")) {
      // loaded on demand; if that fails (a newer version, no network), the whole image is used
      const module = await import("./image-crop.js").catch(() => null);
      const crop = module ? await module.askForCrop(files[0], input.form) : "";
      if (crop === null) {
        clear(zone);
        return;
      }
      storeCrop(input, crop);
    }
    checked.add(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  },
  true,
);

/** Clears the choice and tells the form, whose price may depend on it. */
function clear(zone) {
  const input = find("input[type=file]", zone);
  input.value = "";
  if (zone.matches("[data-crop]")) storeCrop(input, "");
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Stores the crop in hidden fields (crop_x …), which are empty for the whole image. */
function storeCrop(input, crop) {
  const shares = crop ? crop.split(",") : [];
  ["x", "y", "w", "h"].forEach((side, n) => {
    const name = `crop_${side}`;
    let field = find(`input[name=${name}]`, input.form ?? input.parentElement);
    if (!field) {
      field = document.createElement("input");
      Object.assign(field, { type: "hidden", name });
      input.after(field);
    }
    field.value = shares[n] ?? "";
  });
}

initialize("[data-drop]", (zone) => {
  const input = find("input[type=file]", zone);
  input.form?.addEventListener("reset", () => preview(zone, []));
  const highlight = (isOver) => zone.classList.toggle("over", isOver);
  zone.addEventListener("dragenter", () => highlight(true));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    highlight(true);
  });
  zone.addEventListener("dragleave", (event) => !zone.contains(event.relatedTarget) && highlight(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    highlight(false);
    const files = [...event.dataTransfer.files];
    if (files.length) setFiles(input, files);
  });
});

// an image dropped beside the zone must not replace the page
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => find("[data-drop]") && event.preventDefault());
}

document.addEventListener("paste", (event) => {
  const input = find("[data-drop] input[type=file]");
  const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (!input || !file) return;
  event.preventDefault();
  setFiles(input, [file]);
});

on("click", "[data-drop] .remove[type=button]", (event, button) => {
  const zone = button.closest("[data-drop]");
  clear(zone);
  find("input[type=file]", zone).focus();
});
