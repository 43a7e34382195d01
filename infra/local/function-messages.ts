/** What a function's instance is started with. */
export interface InstanceData {
  /** URL of the bundle, an ES module that exports `handler`. */
  readonly bundle: string;
  readonly name: string;
  readonly arn: string;
  readonly memoryMb: number;
}

/** One event for an instance. */
export interface Invoke {
  readonly id: number;
  /** JSON. */
  readonly event: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly deadlineAt: number;
}

/** What an instance says. `payload` is JSON. */
export type InstanceMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly id: number; readonly payload: string; readonly cpuMs: number }
  | { readonly type: 'failure'; readonly id: number; readonly errorType: string; readonly errorMessage: string }
  | { readonly type: 'log'; readonly requestId: string; readonly stream: 'stdout' | 'stderr'; readonly text: string };
