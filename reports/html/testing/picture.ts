/**
 * Screenshots made comparable: a coarse picture in grey, small enough to be read in a diff. Two versions of Chromium draw letters a little
 * differently, so screenshots are not compared by pixels; at 64 × 40 only layout and colour are left. Used by tests only.
 */
import type { Page } from "playwright-core";

export const PICTURE_WIDTH = 64;
export const PICTURE_HEIGHT = 40;

/** Grey values 0 to 255, row by row. */
export type Picture = readonly number[];

/** @param blank a page of its own, in which the screenshot is made small: no picture library is needed for that */
export async function pictureOf(page: Page, blank: Page): Promise<Picture> {
  const address = `data:image/png;base64,${(await page.screenshot()).toString("base64")}`;
  return blank.evaluate(
    async ({ address, width, height }) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      const grey = (at: number): number =>
        0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
      return Array.from({ length: width * height }, (_, pixel) => Math.round(grey(pixel * 4)));
    },
    { address, width: PICTURE_WIDTH, height: PICTURE_HEIGHT },
  );
}

/** Two hexadecimal digits a pixel, a line a row. */
export function writePicture(picture: Picture): string {
  const rows = Array.from({ length: PICTURE_HEIGHT }, (_, row) =>
    picture
      .slice(row * PICTURE_WIDTH, (row + 1) * PICTURE_WIDTH)
      .map((grey) => grey.toString(16).padStart(2, "0"))
      .join(""),
  );
  return `${rows.join("\n")}\n`;
}

export function readPicture(text: string): Picture {
  return [...text.matchAll(/[0-9a-f]{2}/g)].map(([digits]) => Number.parseInt(digits, 16));
}

/** Mean difference of two pictures in grey values. */
export function distance(a: Picture, b: Picture): number {
  return a.reduce((sum, grey, pixel) => sum + Math.abs(grey - (b[pixel] ?? 0)), 0) / a.length;
}

/** Correlation of two pictures, 1 for the same layout, −1 for its negative. */
export function likeness(a: Picture, b: Picture): number {
  const mean = (of: Picture): number => of.reduce((sum, grey) => sum + grey, 0) / of.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ownA, ownB] = [0, 0, 0];
  a.forEach((grey, pixel) => {
    const [da, db] = [grey - meanA, (b[pixel] ?? 0) - meanB];
    both += da * db;
    ownA += da * da;
    ownB += db * db;
  });
  return both / Math.sqrt(ownA * ownB || 1);
}
