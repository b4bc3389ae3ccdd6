// What this host's WebAssembly can do at best with a product: a tile of 4 rows x 8 positions whose operands all lie in the
// first-level cache, no packing, no edges. Kernels inside whole training steps are measured against it.

/** Runs the tile `repeats` times over `depth` features. FLOPs: 64 * depth * repeats. */
export function tile(depth: i32, panelPtr: usize, xPtr: usize, outPtr: usize, repeats: i32): void {
  for (let r = 0; r < repeats; r++) {
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let a4 = f32x4.splat(0);
    let a5 = f32x4.splat(0);
    let a6 = f32x4.splat(0);
    let a7 = f32x4.splat(0);
    for (let k = 0; k < depth; k++) {
      const x0 = v128.load(xPtr + (<usize>k << 5));
      const x1 = v128.load(xPtr + (<usize>k << 5), 16);
      const row = panelPtr + (<usize>k << 4);
      let w = v128.load32_splat(row);
      a0 = f32x4.add(a0, f32x4.mul(x0, w));
      a1 = f32x4.add(a1, f32x4.mul(x1, w));
      w = v128.load32_splat(row, 4);
      a2 = f32x4.add(a2, f32x4.mul(x0, w));
      a3 = f32x4.add(a3, f32x4.mul(x1, w));
      w = v128.load32_splat(row, 8);
      a4 = f32x4.add(a4, f32x4.mul(x0, w));
      a5 = f32x4.add(a5, f32x4.mul(x1, w));
      w = v128.load32_splat(row, 12);
      a6 = f32x4.add(a6, f32x4.mul(x0, w));
      a7 = f32x4.add(a7, f32x4.mul(x1, w));
    }
    v128.store(outPtr, a0);
    v128.store(outPtr, a1, 16);
    v128.store(outPtr, a2, 32);
    v128.store(outPtr, a3, 48);
    v128.store(outPtr, a4, 64);
    v128.store(outPtr, a5, 80);
    v128.store(outPtr, a6, 96);
    v128.store(outPtr, a7, 112);
  }
}
