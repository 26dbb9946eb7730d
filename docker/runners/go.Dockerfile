# The harness with Go and the runners that are written in it. Build the harness first, then, in the root of a clone:
#   docker build -f docker/runners/go.Dockerfile -t agent-derby-go:1 .
ARG HARNESS=agent-derby:0.1.0

FROM golang:1.24-bookworm@sha256:1a6d4452c65dea36aac2e2d606b01b4a029ec90cc1ae53890540ce6173ea77ac AS go

FROM ${HARNESS}
COPY --from=go /usr/local/go /usr/local/go
# The toolchain is the one that is here: a newer one is not fetched behind our back.
ENV PATH=/usr/local/go/bin:$PATH GOTOOLCHAIN=local
RUN ["node", "bin/agent-derby.mjs", "setup", "go", "go-postgres"]
USER derby
