interface ChoiceProps {
  readonly label: string;
  /** What it says while nothing is chosen; absent, one of them always is. */
  readonly all?: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
}

/** One of several, or all; nothing where there is nothing to choose. */
export function Choice({ label, all, options, value, onChoose }: ChoiceProps) {
  if (options.length < 2 && value === '') return null;
  // What the URL names may not be there (any more).
  const known = value === '' || options.includes(value) ? options : [...options, value];
  return (
    <label class="choice">
      <span class="hidden">{label}</span>
      <select
        value={value}
        onChange={({ currentTarget }) => {
          onChoose(currentTarget.value);
        }}
      >
        {all !== undefined && <option value="">{all}</option>}
        {known.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}
