// Constants of lane arithmetic (simd and threads builds only).

/**
 * The f32 at `place` of a table of constants, in all lanes. One load: a constant in the code would be built anew wherever
 * it is used, by three instructions.
 */
// @ts-ignore: decorator
@inline
export function laneConstant(table: usize, place: usize): v128 {
  return v128.load32_splat(table + (place << 2));
}
