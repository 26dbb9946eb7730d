/** Where things stand on the page, as ids and targets of links: promises, verdicts, contestants, trials, faults. */
import { anchor } from "./markup.ts";

/** The cell of the promise table. */
export const promiseCellAnchor = (runner: string, promise: string): string => anchor("cell", runner, promise);

/** What the judgement of a promise rests on. */
export const promiseAnchor = (runner: string, promise: string): string => anchor("promise", runner, promise);

/** All promises of a runner. */
export const promisesOfAnchor = (runner: string): string => anchor("promises", runner);

/** What the checkers found in a trial. */
export const verdictsAnchor = (trial: string): string => anchor("verdicts", trial);

/** A runner with its settings, among the contestants. */
export const contestantAnchor = (runner: string): string => anchor("contestant", runner);

/** Second by second through a trial. */
export const trialAnchor = (trial: string): string => anchor("trial", trial);

/** The n-th fault of a trial, from 0. */
export const faultAnchor = (trial: string, index: number): string => anchor("fault", trial, String(index + 1));

/** A public argument. */
export const claimAnchor = (claim: string): string => anchor("claim", claim);
