# The harness with Erlang/OTP, Elixir and, for native functions, Rust, and the runners that are written in them. Build the harness
# first, then, in the root of a clone:
#   docker build -f docker/runners/beam.Dockerfile -t agent-derby-beam:1 .
ARG HARNESS=agent-derby:0.1.0

FROM rust:1.85-slim-bookworm@sha256:9f841bbe9e7d8e37ceb96ed907265a3a0df7f44e3737d0b100e7907a679acb36 AS rust

FROM ${HARNESS}
USER root
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    elixir erlang-jiffy erlang-mochiweb erlang-p1-pgsql gcc libc6-dev \
  && rm -rf /var/lib/apt/lists/*
COPY --from=rust /usr/local/cargo/bin /usr/local/cargo/bin
COPY --from=rust /usr/local/rustup /usr/local/rustup
ENV PATH=/usr/local/cargo/bin:$PATH RUSTUP_HOME=/usr/local/rustup LANG=C.UTF-8
USER derby
RUN ["node", "bin/agent-derby.mjs", "setup", "beam", "beam-durable", "beam-mnesia", "beam-native"]
