/** The SIMD kernels, a byte a character (which gzip takes better than base64), so that the usual host needs no file but the script: the build writes them here (build.mjs). In source: null. */
export const inlineKernels: string | null = null;
