/**
 * A link to everything, and commands to copy. Promises: every heading and chart of a section has an id made of the section's own and its
 * words, the same each time the report is rendered; where the clipboard is refused, the text is selected and the reader told so.
 */

(() => {
  const LINKED = "main h2, main h3, main figcaption, main .row-name";

  const written = (text) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 60);
  const taken = new Set([...document.querySelectorAll("[id]")].map(({ id }) => id));
  function name(element, ...words) {
    const section = element.closest("section[id]")?.id ?? "page";
    const wanted = [section, ...words.map(written)].filter((word) => word !== "").join(".");
    let id = wanted;
    for (let n = 2; taken.has(id); n++) id = `${wanted}.${n}`;
    taken.add(id);
    element.id = id;
  }

  for (const canvas of document.querySelectorAll("canvas[data-chart]:not([id])")) {
    const { chart, scenario: _, ...which } = canvas.dataset;
    name(canvas, chart, ...Object.values(which));
  }

  /** The text that names a place, without the words set aside in it. */
  const wordsOf = (element) => (element.querySelector("b, .name") ?? element).textContent;

  for (const place of document.querySelectorAll(LINKED)) {
    if (place.closest("td, th, summary, .tools") !== null) continue;
    /* A heading of a section stands for the section, whose id is shorter. */
    const section = place.matches("h2") ? place.closest("section[id]") : null;
    if (section === null && place.id === "") name(place, wordsOf(place));
    const link = document.createElement("a");
    link.className = "anchor";
    link.href = `#${(section ?? place).id}`;
    link.setAttribute("aria-label", `Link to: ${wordsOf(place).trim().slice(0, 80)}`);
    place.append(link);
  }

  /** Whether the text of an element is now in the clipboard; if not, it is selected. */
  async function copied(element) {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(element);
      return document.execCommand?.("copy") === true; // older, but needs no permission
    }
  }

  for (const command of document.querySelectorAll("code[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const says = (await copied(command)) ? "Copied" : "Selected: press Ctrl+C";
      button.textContent = says;
      derbyPage.announce(says);
    });
    button.addEventListener("blur", () => {
      button.textContent = "Copy";
    });
    command.after(" ", button);
  }
})();
