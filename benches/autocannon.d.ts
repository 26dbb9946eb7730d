/** The little of autocannon that benches/truth.ts uses; the package brings no types. */
declare module "autocannon" {
  export interface Options {
    readonly url: string;
    readonly method?: string;
    readonly overallRate?: number;
    /** Seconds. */
    readonly duration?: number;
    readonly ignoreCoordinatedOmission?: boolean;
  }
  export interface Result {
    /** Milliseconds, of what it recorded: its correction adds values that nobody waited. */
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number; readonly totalCount: number };
    /** Answers that really came. */
    readonly "2xx": number;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
