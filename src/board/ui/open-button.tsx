interface OpenButtonProps {
  readonly id: string;
  /** What to call it; the end of its id without, which tells deployments of one moment apart. */
  readonly name?: string | undefined;
  readonly onOpen: (id: string) => void;
}

/** Leads to another deployment. */
export function OpenButton({ id, name, onOpen }: OpenButtonProps) {
  return (
    <button
      type="button"
      class="plain link"
      onClick={() => {
        onOpen(id);
      }}
    >
      {name ?? <code>…{id.slice(-12)}</code>}
    </button>
  );
}
