import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const FILE = 'MODEL_CARD.md';
const START = '<!-- figures:start -->';
const END = '<!-- figures:end -->';

/** How each figure is told; those not named here stay in `starter.json` alone. */
const LINES: readonly (readonly [figure: string, text: string])[] = [
  ['top1', 'top-1, whole drawings'],
  ['top3', 'top-3, whole drawings'],
  ['half1', 'top-1, first half of the points'],
  ['half3', 'top-3, first half of the points'],
  ['projectHeadTop1', 'top-1 in a project of 20 random categories, head trained on what ships'],
  ['projectMeansTop1', 'the same with class means'],
  ['projectCalibrationError', 'expected calibration error of that head'],
  ['projectKnownKept', 'sketches of its categories that get a name, not "?"'],
  ['projectUnknownAnswered', 'sketches of other categories that are answered with "?"'],
];

/** Puts the figures between the marks of the folder's model card; without a card it does nothing. */
export async function updateModelCard(
  folder: string,
  figures: Readonly<Record<string, number>>,
): Promise<void> {
  const file = path.join(folder, FILE);
  const card = await readFile(file, 'utf8').catch(() => '');
  const [before, rest] = card.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) return;
  const rows = LINES.flatMap(([figure, text]) => {
    const share = figures[figure];
    return share === undefined ? [] : [`| ${text} | ${(share * 100).toFixed(1)} % |`];
  });
  const table = ['| figure | |', '| --- | --- |', ...rows].join('\n');
  await writeFile(file, `${before}${START}\n\n${table}\n\n${END}${after}`);
}
