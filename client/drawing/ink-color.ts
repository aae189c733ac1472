/** The pen's colour when it is not a participant's: near-black, shown near-white on dark paper. */
export const INK_COLOR = '#26221d';
const INK_COLOR_ON_DARK = '#f2ece1';

export type Paper = 'light' | 'dark';

/** The colour to paint a stroke with: what is nearly black would vanish on dark paper. */
export function paintColor(color: string, paper: Paper): string {
  return paper === 'dark' && luminance(color) < 0.03 ? INK_COLOR_ON_DARK : color;
}

/** Relative luminance, 0 (black) to 1 (white), as WCAG defines it. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
