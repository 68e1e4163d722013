# The Worker in workerd itself, without an account: npm run build && npx workerd serve worker.capnp
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "inference.wasm", wasm = embed "dist/inference.wasm"),
    (name = "kernels.wasm", wasm = embed "dist/kernels.wasm"),
    (name = "mnist-convnet.safetensors", data = embed "dist/mnist-convnet.safetensors"),
  ],
  compatibilityDate = "2026-10-01",
);
