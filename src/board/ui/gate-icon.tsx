/** A padlock, or a flake: beside words that say the same. */
export function GateIcon({ kind }: { readonly kind: 'lock' | 'freeze' }) {
  return (
    <svg class="gate-icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path
        fill="none"
        stroke="currentColor"
        stroke-width="1.7"
        stroke-linecap="round"
        stroke-linejoin="round"
        d={paths[kind]}
      />
    </svg>
  );
}

const paths = {
  lock: 'M3.5 7.2h9v6.3h-9zM5.3 7V5.2a2.7 2.7 0 0 1 5.4 0V7M8 9.8v1.2',
  freeze:
    'M8 1.5v13M2.4 4.75l11.2 6.5M13.6 4.75l-11.2 6.5M6.2 2.8 8 4.4l1.8-1.6M6.2 13.2 8 11.6l1.8 1.6',
} as const;
