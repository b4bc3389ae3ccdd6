using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .tagger)],
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (), service = "main")],
);

const tagger :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "kernels.simd.wasm", wasm = embed "dist/kernels.simd.wasm"),
    (name = "model.safetensors", data = embed "model.safetensors"),
  ],
);
