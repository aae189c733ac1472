import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import type { LabAction, LabActionKind } from '../../test/support/lab-actions.ts';
import { LAB_ACTIONS, LabScript } from '../../test/support/lab-actions.ts';
import { LabPeer } from '../../test/support/lab-peer.ts';
import { SyncLab } from '../../test/support/sync-lab.ts';
import { readStoredCanvas } from './stored-canvas.ts';

/** See CONTRIBUTING.md, "Long tests". */
const OPERATIONS = Number(process.env['PROPERTY_OPERATIONS'] ?? 10_000);
const SEED = Number(process.env['PROPERTY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const MEAN_OPERATIONS = 100;

const kinds = Object.entries(LAB_ACTIONS).map(([kind, weight]) => ({
  weight,
  arbitrary: fc.constant(kind as LabActionKind),
}));
const action: fc.Arbitrary<LabAction> = fc.tuple(fc.oneof(...kinds), fc.nat(3), fc.nat(1_000));
const run = fc.record({
  /** Whether each peer speaks the message types of our own. */
  peers: fc.array(fc.boolean(), { minLength: 2, maxLength: 4 }),
  /** Whether messages overtake each other. */
  reorders: fc.boolean(),
  /** Whether what the hub writes itself wins where people write the same at the same time. */
  isHubFirst: fc.boolean(),
  actions: fc.array(action, { maxLength: 2 * MEAN_OPERATIONS, size: 'max' }),
});
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

/** The document as everybody must have it, whoever's copy it is read from. */
function bytesOf(doc: Y.Doc): string {
  const fresh = new Y.Doc();
  Y.applyUpdate(fresh, Y.encodeStateAsUpdate(doc));
  expect(fresh.store.pendingStructs).toBeNull();
  expect(fresh.store.pendingDs).toBeNull();
  return Buffer.from(Y.encodeStateAsUpdate(fresh)).toString('base64');
}

function expectSame(a: Y.Doc, b: Y.Doc): void {
  expect(Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))).toBe(true);
  expect(readStrokes(openCanvasDoc(a))).toEqual(readStrokes(openCanvasDoc(b)));
  expect(bytesOf(a)).toBe(bytesOf(b));
}

async function stored(lab: SyncLab): Promise<Y.Doc> {
  const canvas = await lab.log.load(lab.canvasId);
  return readStoredCanvas(canvas ?? { snapshot: null, updates: [] }).doc;
}

function expectAllAcknowledged(peers: readonly LabPeer[]): void {
  for (const { wantsExtras, acknowledged, line } of peers)
    expect(acknowledged).toBe(wantsExtras ? line?.written : 0);
}

async function carryOut({ peers: extras, actions, reorders, isHubFirst }: Run): Promise<void> {
  const peers = extras.map(
    (wantsExtras, i) =>
      new LabPeer({ name: `peer${i}`, wantsExtras, firstClientId: 1_000 * i + 1_000 }),
  );
  const lab = new SyncLab(peers, isHubFirst ? 100_000 : 1);
  const script = new LabScript(lab, reorders);
  for (const peer of peers) await lab.come(peer);
  await script.run(actions);
  await lab.rest();
  // Strokes that nobody has finished are finished by the hub.
  await lab.empty();
  await lab.rest();
  const [first] = peers;
  if (!first) return;
  for (const { doc } of peers) expectSame(doc, first.doc);
  expectSame(await stored(lab), first.doc);
  expectAllAcknowledged(peers);
  for (const id of script.drawn) expect(first.canvas.ink.has(id)).toBe(true);
  for (const id of first.canvas.ink.keys())
    expect(script.drawn.has(id) || script.pressed.has(id)).toBe(true);
  await lab.empty();
  expect(lab.rooms.loaded).toHaveLength(0);
  expectSame(await stored(lab), first.doc);
  expect(lab.counters.badMessages).toBe(0);
}

/** Found by the property below (seeds 1, 2 and 4), shrunk. */
const FAILED_ONCE: readonly [string, Run][] = [
  [
    'a merge that overtakes the stroke before it (seed 1)',
    {
      ...{ peers: [false, false, false], reorders: true, isHubFirst: false },
      actions: [...at('draw 0 0, draw 2 0, deliver 2 13, deliver 0 284, merge 0 3, deliver 0 3')],
    },
  ],
  [
    'a stroke that its author drew before the hub knew the one before, and left (seed 1)',
    {
      ...{ peers: [false, false], reorders: false, isHubFirst: false },
      actions: [
        ...at('leave 1 0, draw 1 0, come 1 0, draw 1 0, deliver 1 21, leave 1 0'),
        ...at('deliver 0 69, leave 0 0'),
      ],
    },
  ],
  [
    'a sketch that somebody merges while its author takes it back (seed 2)',
    {
      ...{ peers: [false, false], reorders: false, isHubFirst: false },
      actions: [
        ...at('draw 3 0, deliver 1 29, draw 0 0, draw 0 0, deliver 0 5, undo 3 0, undo 0 0'),
        ...at('merge 0 847, deliver 3 1'),
      ],
    },
  ],
];

/** `<kind> <peer> <pick>`, one after the other. */
function at(script: string): LabAction[] {
  return script.split(', ').map((line) => {
    const [kind, peer, pick] = line.split(' ');
    return [kind as LabActionKind, Number(peer), Number(pick)];
  });
}

describe('people who draw, erase, undo and leave, over a network that repeats and reorders', () => {
  // What has failed once: [what it showed, the run].
  test.each(FAILED_ONCE)('end with the same canvas: %s', async (_, failed) => carryOut(failed));

  test(
    `end with the same canvas, as it is stored (seed ${SEED})`,
    async () => {
      await fc.assert(fc.asyncProperty(run, carryOut), {
        seed: SEED,
        numRuns: Math.ceil(OPERATIONS / MEAN_OPERATIONS),
      });
    },
    30_000 + 10 * OPERATIONS,
  );
});
