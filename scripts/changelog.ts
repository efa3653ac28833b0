/** The section of a version in a changelog, and the day of its release: none while that is to come. */
export interface Section {
  readonly version: string;
  readonly day: string | undefined;
  readonly text: string;
}

/** The sections of a changelog in the format of Keep a Changelog, the newest first. */
export function sectionsOf(changelog: string): Section[] {
  const heading = /^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d|Unreleased)\n/m;
  const parts = changelog.split(/^(?=## )/m).filter((part) => part.startsWith('## '));
  return parts.map((part) => {
    const [line = '', version, day] = heading.exec(part) ?? [];
    if (version === undefined) {
      throw new Error(
        `${part.split('\n', 1)[0] ?? ''} is no heading such as ## [0.2.0] - 2026-01-31`,
      );
    }
    return {
      version,
      day: day === 'Unreleased' ? undefined : day,
      text: part.slice(line.length).trim(),
    };
  });
}

/**
 * What is new in a version.
 *
 * @throws Error when it has no section, or no day
 */
export function releaseNotes(changelog: string, version: string): string {
  const section = sectionsOf(changelog).find((each) => each.version === version);
  if (section === undefined) throw new Error(`CHANGELOG.md has no section ${version}`);
  if (section.day === undefined) {
    throw new Error(`CHANGELOG.md has no day for ${version}: write it in the place of Unreleased`);
  }
  return section.text;
}
