import { Modal } from './modal.js';

const keys = [
  ['/', 'Search'],
  ['↑ ↓ ← →', 'From cell to cell'],
  ['k j h l', 'The same'],
  ['Home, End', 'To the first and the last cell'],
  ['Enter', 'Open what has the focus'],
  ['Esc', 'Close, or leave the search'],
  ['?', 'These keys'],
] as const;

/** The keys that the board knows. */
export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal class="help" label="Keys" onClose={onClose}>
      <dl class="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
