/**
 * Runs the suite on one cell; what a host lacks for it is `missing`, anything else that goes wrong an `error`.
 *
 * @param suite the conformance module
 * @param cell { build, threads, kernels }
 * @param places where kernels and their threads lie, if not beside the module
 */
export async function run({ conformance, suiteDigest }, { build, threads, kernels }, places = {}) {
  if (build === 'threads' && typeof SharedArrayBuffer === 'undefined') return { missing: 'no SharedArrayBuffer' };
  const results = [];
  try {
    for await (const result of conformance({ build, threads, kernels, ...places })) results.push(result);
  } catch (error) {
    return { error: `after ${results.length} cases: ${error}` };
  }
  const faults = results.filter(({ equal }) => !equal).map(({ name }) => name);
  return { cases: results.length, faults, digest: suiteDigest(results) };
}
