// The ABI of the `scalar` build: the plain twin of every kernel of index.ts, same names, same bits.
export { heapBase } from "./common/layout";
