// Scroll horizontal rows to the current tab or the checked choice.
import { initialize, find } from "./dom.js";

initialize(".tabs, .chips.scroll, .strip", (row) => {
  const current = find("[aria-current], :has(> :checked)", row);
  if (!current || row.scrollWidth <= row.clientWidth) return;
  const [itemBox, rowBox] = [current.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += itemBox.left + itemBox.width / 2 - (rowBox.left + rowBox.width / 2);
});
