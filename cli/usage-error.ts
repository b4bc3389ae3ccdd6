/** The command line is not one that `sparsetag` takes. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** @param hint what to type instead, or where to read */
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
