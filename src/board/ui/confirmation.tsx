import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Asking } from '../state/actions.js';
import { Fault } from './fault.js';

interface ConfirmationProps {
  readonly action: Asking;
  readonly takesReason: boolean;
  /** Whether it is not done without a reason. */
  readonly needsReason?: boolean;
  /** Whether it can be confirmed yet. */
  readonly isReady?: boolean;
  readonly onCancel: () => void;
  /** Does it. What it throws is shown. */
  readonly onConfirm: (reason: string | undefined) => Promise<void>;
  /** What it will do. */
  readonly children?: ComponentChildren;
}

/** How long a reason may be. */
const maxReason = 1024;

/** Asks whether something is to be done, and shows what the service says of it. */
export function Confirmation(props: ConfirmationProps) {
  const { action, takesReason, needsReason = false, isReady = true } = props;
  const { onCancel, onConfirm, children } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const id = useId();
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const confirm = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await onConfirm(reason.trim() || undefined);
    } catch (error) {
      setFault(error);
      setBusy(false);
    }
  };
  return (
    <form
      class="confirmation"
      aria-labelledby={id}
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <h4 id={id} ref={heading} tabIndex={-1}>
        {action.label}?
      </h4>
      <p>{action.explanation}</p>
      {children}
      {takesReason && (
        <label>
          Reason
          <input
            value={reason}
            maxLength={maxReason}
            required={needsReason}
            placeholder={needsReason ? 'whoever waits is told' : 'stands in its events'}
            onInput={({ currentTarget }) => {
              setReason(currentTarget.value);
            }}
          />
        </label>
      )}
      {fault !== undefined && <Fault fault={fault} />}
      <p class="action-buttons">
        <button
          class={`button ${action.isGrave ? 'grave' : 'primary'}`}
          type="submit"
          disabled={isBusy || !isReady}
        >
          {isBusy ? 'Asking…' : `Yes, ${action.label.toLowerCase()}`}
        </button>
        <button class="button quiet" type="button" onClick={onCancel}>
          No
        </button>
      </p>
    </form>
  );
}
