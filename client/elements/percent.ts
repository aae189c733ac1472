/** A confidence in words. A guess is never quite certain, and never quite impossible. */
export function percent(confidence: number): string {
  const rounded = Math.round(confidence * 100);
  return rounded < 1 ? '< 1 %' : `${Math.min(99, rounded)} %`;
}
