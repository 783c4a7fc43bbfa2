/** The variable that tells the remote where to listen. */
export const socketVariable = "GRADLENS_TEST_SOCKET";

/** A function to run in the extension host, as text; one line of JSON each way. */
export interface RemoteCall {
  readonly id: number;
  readonly source: string;
  readonly values: readonly unknown[];
}

export interface RemoteAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
