/** What the stub engine and the stub recorder share, as the real ones share the engine's observer. */
export const state = {
  site: { current: 0 },
  instances: 0,
  onOp: (_name: string, _site: number): void => undefined,
};
