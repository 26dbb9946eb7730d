# The harness with Python and the runner that is written in it. Build the harness first, then, in the root of a clone:
#   docker build -f docker/runners/python.Dockerfile -t agent-derby-python:1 .
ARG HARNESS=agent-derby:0.1.0

FROM ${HARNESS}
USER root
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
USER derby
RUN ["node", "bin/agent-derby.mjs", "setup", "python"]
