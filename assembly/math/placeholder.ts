// Temporary stand-ins until assembly/math has the real polynomials.
export function expS(x: f32): f32 {
  return Mathf.exp(x);
}
export function logS(x: f32): f32 {
  return Mathf.log(x);
}
export function expV(x: v128): v128 {
  return f32x4.replace_lane(
    f32x4.replace_lane(
      f32x4.replace_lane(f32x4.splat(expS(f32x4.extract_lane(x, 0))), 1, expS(f32x4.extract_lane(x, 1))),
      2,
      expS(f32x4.extract_lane(x, 2)),
    ),
    3,
    expS(f32x4.extract_lane(x, 3)),
  );
}
export function logV(x: v128): v128 {
  return f32x4.replace_lane(
    f32x4.replace_lane(
      f32x4.replace_lane(f32x4.splat(logS(f32x4.extract_lane(x, 0))), 1, logS(f32x4.extract_lane(x, 1))),
      2,
      logS(f32x4.extract_lane(x, 2)),
    ),
    3,
    logS(f32x4.extract_lane(x, 3)),
  );
}
