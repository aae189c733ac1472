import { describe, expect, test } from 'vitest';
import { steadyLabelAfter, type SteadyLabel } from './steady-label.ts';

function prediction(confidences: Record<string, number>, label?: string | null, final = false) {
  const scores = Object.entries(confidences).map(([name, confidence]) => ({
    categoryId: '00000000-0000-4000-8000-000000000000',
    name,
    confidence,
  }));
  return { label: label === undefined ? (scores[0]?.name ?? null) : label, scores, final };
}

const cat: SteadyLabel = { label: 'cat', confidence: 0.6, challenger: null };

describe('a guess while the pen moves', () => {
  test('shows the first label at once', () => {
    expect(steadyLabelAfter(null, prediction({ cat: 0.4 }))).toMatchObject({
      label: 'cat',
      confidence: 0.4,
    });
  });

  test('follows the confidence of the label that is shown', () => {
    expect(steadyLabelAfter(cat, prediction({ cat: 0.8 }))).toMatchObject({ confidence: 0.8 });
  });

  test('keeps the label when another leads by a little, however often', () => {
    let shown = cat;
    for (let i = 0; i < 5; i++)
      shown = steadyLabelAfter(shown, prediction({ dog: 0.45, cat: 0.4 }));
    expect(shown).toMatchObject({ label: 'cat', confidence: 0.4 });
  });

  test('changes the label when another leads clearly twice in a row', () => {
    const once = steadyLabelAfter(cat, prediction({ dog: 0.6, cat: 0.3 }));
    expect(once.label).toBe('cat');
    expect(steadyLabelAfter(once, prediction({ dog: 0.6, cat: 0.3 })).label).toBe('dog');
  });

  test('forgets a challenger that falls back in between', () => {
    const once = steadyLabelAfter(cat, prediction({ dog: 0.6, cat: 0.3 }));
    const back = steadyLabelAfter(once, prediction({ cat: 0.5, dog: 0.4 }));
    expect(steadyLabelAfter(back, prediction({ dog: 0.6, cat: 0.3 })).label).toBe('cat');
  });

  test('counts two different challengers apart', () => {
    const dog = steadyLabelAfter(cat, prediction({ dog: 0.6, cat: 0.2 }));
    expect(steadyLabelAfter(dog, prediction({ sun: 0.6, cat: 0.2 })).label).toBe('cat');
  });

  test('does not fall to "?" for a single doubtful moment', () => {
    const doubtful = prediction({ cat: 0.2 }, null);
    const once = steadyLabelAfter(cat, doubtful);
    expect(once.label).toBe('cat');
    expect(steadyLabelAfter(once, doubtful).label).toBeNull();
  });
});

describe('a final guess', () => {
  test('is shown as it is, even by a small lead', () => {
    const shown = steadyLabelAfter(cat, prediction({ dog: 0.41, cat: 0.4 }, 'dog', true));
    expect(shown).toMatchObject({ label: 'dog', confidence: 0.41 });
  });
});
