// The typed ABI: what the kernel modules export (assembly/index.ts). Pointers are byte addresses, sizes are elements.

export interface KernelExports {
  heapBase(): number;
}
