/** What is told to an organisation that the service is not for. */
export function notAllowed(organisation: string): string {
  return (
    `The organisation ${organisation} is not allowed here: ALLOWED_ORGANISATIONS does not name it; ` +
    'whoever runs the service can change that'
  );
}
