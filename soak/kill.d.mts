export interface KillResult {
  readonly kills: number;
  readonly runs: number;
  readonly same: number;
  readonly fingerprint: string;
  /** Kills by the phase of training that they fell in. */
  readonly phases: Readonly<Record<string, number>>;
}

export function killRuns(options: {
  readonly kills: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly onRun?: (progress: KillResult) => void;
}): Promise<KillResult>;
