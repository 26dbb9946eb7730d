/**
 * Draws a flame graph, callers above what they call, from the tree in the page: a click widens a frame, a click on what stands above
 * it goes back. Frames narrower than a pixel are left out until something is widened.
 */
(() => {
  const ROW_PX = 18;
  const NARROWEST_PX = 1;
  const island = document.getElementById("tree");
  const flames = document.getElementById("flames");
  const told = document.getElementById("frame-told");
  const { unit, root } = JSON.parse(island.textContent);

  /** The same name has the same colour in every profile. */
  function colourOf(name) {
    let hash = 0;
    for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
    return `hsl(${hash % 50} ${70 + (hash % 20)}% ${62 + (hash % 13)}%)`;
  }

  const sizeOf = (weight) => `${Number(weight.toPrecision(4))} ${unit}`;

  function tell({ name, self, total }) {
    const share = root.total === 0 ? 0 : (100 * total) / root.total;
    told.textContent = `${name}: ${sizeOf(total)}, ${share.toFixed(1)} %; ${sizeOf(self)} in itself`;
  }

  function frameButton(node, path, place) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = node.name;
    button.style.left = `${place.left}px`;
    button.style.width = `${place.width}px`;
    button.style.top = `${place.depth * ROW_PX}px`;
    button.style.background = colourOf(node.name);
    if (place.around) button.className = "around";
    button.onmouseenter = () => tell(node);
    button.onfocus = () => tell(node);
    button.onclick = () => draw(path);
    return button;
  }

  /** @param path from the root to the frame that is as wide as the page */
  function draw(path) {
    const width = flames.clientWidth;
    const buttons = [];
    let deepest = 0;
    const lay = (node, above, place) => {
      if (place.width < NARROWEST_PX) return;
      const own = [...above, node];
      buttons.push(frameButton(node, own, place));
      deepest = Math.max(deepest, place.depth);
      let left = place.left;
      for (const child of node.children) {
        const childWidth = (place.width * child.total) / node.total;
        lay(child, own, { left, width: childWidth, depth: place.depth + 1 });
        left += childWidth;
      }
    };
    path.slice(0, -1).forEach((node, depth) => {
      buttons.push(frameButton(node, path.slice(0, depth + 1), { left: 0, width, depth, around: true }));
    });
    lay(path.at(-1), path.slice(0, -1), { left: 0, width, depth: path.length - 1 });
    flames.replaceChildren(...buttons);
    flames.style.height = `${(deepest + 1) * ROW_PX}px`;
    tell(path.at(-1));
    drawn = path;
  }

  let drawn = [root];
  draw(drawn);
  window.addEventListener("resize", () => draw(drawn));
})();
