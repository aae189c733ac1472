import { describe, expect, test } from 'vitest';
import type { EmbeddedExample } from '../domain/ports.ts';
import { classMeansHead } from '../ml/head.ts';
import { judgePromotion, type JudgedSide } from './compare-versions.ts';

const IDS = ['a', 'b', 'c'];

function axis(d: number, size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (i === d ? 1 : 0));
}

interface SideOptions {
  /** Size of the backbone's embeddings. */
  readonly size: number;
  readonly ids?: readonly string[];
  readonly perCategory?: number;
  /** Of the first category so many look like the second. */
  readonly mistaken?: number;
  readonly split?: (n: number) => EmbeddedExample['split'];
}

/** A version whose backbone sees each category on an axis of its own. */
function side({
  size,
  ids = IDS,
  perCategory = 20,
  mistaken = 0,
  ...rest
}: SideOptions): JudgedSide {
  const split = rest.split ?? (() => 'test' as const);
  return {
    head: classMeansHead(ids.map((id) => axis(IDS.indexOf(id), size))),
    categories: ids.map((id) => ({ id })),
    examples: IDS.flatMap((categoryId, c) =>
      Array.from({ length: perCategory }, (_, n): EmbeddedExample => {
        const looksLike = c === 0 && n < mistaken ? 1 : c;
        const embeddings = axis(looksLike, size);
        return { exampleId: `${categoryId}${n}`, categoryId, split: split(n), embeddings };
      }),
    ),
  };
}

describe('a candidate beside the served version', () => {
  test('is promoted when nothing is served', () => {
    expect(judgePromotion({ candidate: side({ size: 3 }), served: null })).toEqual({
      promote: true,
      reason: 'first_version',
    });
  });

  test('is compared by what each one’s own backbone sees', () => {
    const served = side({ size: 3 });
    expect(judgePromotion({ candidate: side({ size: 8 }), served })).toEqual({
      promote: true,
      reason: 'not_worse',
    });
    expect(judgePromotion({ candidate: side({ size: 8, mistaken: 2 }), served })).toEqual({
      promote: false,
      reason: 'worse_in_a_category',
    });
    expect(judgePromotion({ candidate: served, served: side({ size: 8, mistaken: 2 }) })).toEqual({
      promote: true,
      reason: 'not_worse',
    });
  });

  test('is held back when it is worse over all', () => {
    const served = side({ size: 3, perCategory: 18 });
    const candidate = side({ size: 4, perCategory: 18, mistaken: 6 });
    expect(judgePromotion({ candidate, served })).toEqual({
      promote: false,
      reason: 'worse_overall',
    });
  });

  test('is not judged by fewer than 50 sketches that both have seen', () => {
    const served = side({ size: 3 });
    const candidate = side({ size: 3, mistaken: 20 });
    const shared = candidate.examples.slice(0, 49);
    expect(judgePromotion({ candidate: { ...candidate, examples: shared }, served })).toEqual({
      promote: true,
      reason: 'too_few_sketches',
    });
  });

  test('is not judged by sketches that were trained on', () => {
    const split = (): 'train' => 'train';
    const candidate = side({ size: 3, mistaken: 20, split });
    expect(judgePromotion({ candidate, served: side({ size: 3, split }) }).reason).toBe(
      'too_few_sketches',
    );
  });

  test('is judged by the test split alone where that is enough', () => {
    const split = (n: number): EmbeddedExample['split'] => (n < 20 ? 'validation' : 'test');
    const served = side({ size: 3, perCategory: 40, split });
    const candidate = side({ size: 3, perCategory: 40, mistaken: 20, split });
    expect(judgePromotion({ candidate, served }).reason).toBe('not_worse');
  });

  test('is asked for the categories that both know, and no others', () => {
    const served = side({ size: 3, perCategory: 30, ids: ['c', 'a'] });
    // What it takes for b is asked of a and c alone, and neither is more like it.
    const candidate = side({ size: 3, perCategory: 30 });
    expect(judgePromotion({ candidate, served }).reason).toBe('not_worse');
    const stranger = { ...candidate, categories: ['x', 'y', 'z'].map((id) => ({ id })) };
    expect(judgePromotion({ candidate: stranger, served }).reason).toBe('too_few_sketches');
  });
});
