import type { ComponentChildren } from 'preact';

interface WebLinkProps {
  /** As `webLink` has let it through; nothing is shown without. */
  readonly href: string | undefined;
  /** Whether Tab passes it over: the drawer has it as well. */
  readonly isQuiet?: boolean;
  readonly children: ComponentChildren;
}

/** A link that leads away from the board, and tells where it leads nothing of it. */
export function WebLink({ href, isQuiet = false, children }: WebLinkProps) {
  if (href === undefined) return null;
  return (
    <a
      class="web"
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      tabIndex={isQuiet ? -1 : 0}
    >
      {children}
      <span aria-hidden="true">↗</span>
    </a>
  );
}
