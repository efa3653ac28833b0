import { detailsOf, messageOf } from './failure.js';

/** What the service has against something, in its own words. */
export function Fault({ fault }: { readonly fault: unknown }) {
  const details = detailsOf(fault);
  return (
    <div class="fault" role="alert">
      <p>{messageOf(fault)}</p>
      {details.length > 0 && (
        <ul>
          {details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
