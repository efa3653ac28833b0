/** A variable that nothing reads, though its name is nearly a setting's. */
export interface SimilarName {
  readonly variable: string;
  readonly setting: string;
}

/**
 * Finds variables that were probably meant as settings: in another case, or a letter or two apart from one
 * (`API_PROT`, `ALLOWED_ORGANIZATIONS`). Short names must be nearer than long ones.
 *
 * @param variables names in the environment
 * @param settings names that are read
 */
export function similarNames(
  variables: readonly string[],
  settings: readonly string[],
): SimilarName[] {
  return variables
    .filter((variable) => !settings.includes(variable))
    .flatMap((variable) => {
      const name = variable.toUpperCase();
      const setting =
        settings.find((known) => known === name) ??
        settings.find((known) => areWithin(name, known, typosIn(known)));
      return setting === undefined ? [] : [{ variable, setting }];
    });
}

function typosIn({ length }: string): number {
  if (length < 5) return 0;
  return length < 18 ? 1 : 2;
}

/** Whether so few typos make one text of another: a character more, less or another, or two in wrong order. */
function areWithin(one: string, other: string, typos: number): boolean {
  let same = 0;
  while (same < one.length && one.charAt(same) === other.charAt(same)) same += 1;
  const [a, b] = [one.slice(same), other.slice(same)];
  if (a === '' || b === '') return a.length + b.length <= typos;
  if (typos === 0) return false;
  const [[a1, a2], [b1, b2]] = [a, b];
  return (
    areWithin(a.slice(1), b, typos - 1) ||
    areWithin(a, b.slice(1), typos - 1) ||
    areWithin(a.slice(1), b.slice(1), typos - 1) ||
    (a1 === b2 && a2 === b1 && areWithin(a.slice(2), b.slice(2), typos - 1))
  );
}
