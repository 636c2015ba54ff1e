/** What happens to requests that pods make of an object store, from the moment when it has taken some bytes on. */
export interface StoreFault {
  readonly kind: StoreFaultKind;
  /**
   * Bytes of uploads that still pass.
   * @default 0
   */
  readonly afterBytes?: number;
  /**
   * How many requests are hit; all that follow without it.
   * @default - all
   */
  readonly times?: number;
}

/** Falls into the upload of a dump of the sample data, which has some hundred kilobytes. */
export const MIDDLE = 20_000;

export type StoreFaultKind =
  /** Answers 503, as a store does that is overloaded. */
  | 'unavailable'
  /** Answers 429 with the wish to come back in a second. */
  | 'throttled'
  /** Resets the connection in the middle of a request. */
  | 'reset'
  /** Takes the request and never answers. */
  | 'silent'
  /** Lets 64 KiB/s through. */
  | 'slow'
  /** Flips one bit of what is uploaded. */
  | 'corrupting'
  /** Ends a download early, as if it had ended well. */
  | 'truncating';

/** What the proxy is started with. */
export interface ProxySettings {
  readonly fault: StoreFault;
  readonly listen: { readonly address: string; readonly port: number };
  /** Address that the proxy calls the store from, by which its own connections are told from those of pods. */
  readonly from: string;
  readonly upstreams: readonly Upstream[];
}

/** A store, reached by the name that a client asks for. */
export interface Upstream {
  readonly host: string;
  readonly address: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}
