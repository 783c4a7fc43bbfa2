/** A request that can't be done, with the reason in words for people. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** Whether a person should see it without having asked. */
  readonly isShown: boolean;

  constructor(message: string, isShown = false) {
    super(message);
    this.isShown = isShown;
  }
}
