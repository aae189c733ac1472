/** How far the last change has come. */
export type SavingStep =
  { kind: 'idle' | 'saving' | 'saved' } | { kind: 'failed'; readonly message: string };

/** What the form says of it. */
export function savingWords(step: SavingStep, isChanged: boolean, isValid: boolean): string {
  if (step.kind === 'failed') return step.message;
  if (step.kind === 'saving') return '';
  if (isChanged) return isValid ? 'Not saved yet.' : 'Some fields need another look.';
  return step.kind === 'saved' ? 'Saved. The next training uses it.' : '';
}
