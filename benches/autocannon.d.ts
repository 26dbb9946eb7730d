/** The little of autocannon that our benches use; the package brings no types. */
declare module "autocannon" {
  /** A request as it goes out; what is missing is taken from the options. */
  export interface Outgoing {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  export interface DynamicRequest {
    /** Called for each request; the given defaults and what is returned make the request. */
    readonly setupRequest: (defaults: Outgoing) => Outgoing;
    readonly onResponse: (status: number, body: string) => void;
  }
  /** One connection. */
  export interface Client {
    /** Its first request is set up at once. */
    setRequests(requests: readonly DynamicRequest[]): void;
    /** After each whole response, once `onResponse` was called. */
    on(event: "response", listener: (status: number, bytes: number, tookMs: number) => void): void;
    /** It closes instead of sending one more request, when it has sent so many: what `maxConnectionRequests` sets for all. */
    responseMax?: number;
  }
  export interface Options {
    readonly url: string;
    readonly method?: string;
    readonly overallRate?: number;
    readonly connections?: number;
    /** Seconds. */
    readonly duration?: number;
    /** Seconds. Default 10. */
    readonly timeout?: number;
    /** Milliseconds after which it looks whether it is to end. Default 1,000. */
    readonly sampleInt?: number;
    /** It ends after so many errors. */
    readonly bailout?: number;
    readonly setupClient?: (client: Client) => void;
    /** Refused where no rate is given: without one it corrects nothing. */
    readonly ignoreCoordinatedOmission?: boolean;
  }
  export interface Result {
    /** Milliseconds, of what it recorded: its correction adds values that nobody waited. */
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number; readonly totalCount: number };
    /** Answers that really came. */
    readonly "2xx": number;
  }
  export interface Run extends Promise<Result> {
    on(event: "reqError", listener: (error: Error) => void): void;
    stop(): void;
  }
  export default function autocannon(options: Options): Run;
}
