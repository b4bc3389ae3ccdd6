/** Kilobytes (1,000 bytes) of gzip, kernels included. */
export function measureSizes(): Promise<{ readonly tagKilobytes: number; readonly trainKilobytes: number; readonly tfjsKilobytes: number }>;
