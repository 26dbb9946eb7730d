# The harness with every runner that needs nothing but Node. Build it in the root of a clone:
#   docker build -f docker/harness.Dockerfile -t agent-derby:0.1.0 .
# A campaign in it is one container: command line, World, driver and runtimes are processes inside (see README.md beside this file).

FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS packages
WORKDIR /opt/agent-derby
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
# The owner of the sources, since runners build beside them; results go to a folder that a volume can take the place of.
RUN useradd --create-home --uid 10001 derby \
  && install -d -o derby -g derby /opt/agent-derby /results
WORKDIR /opt/agent-derby
COPY --from=packages --chown=derby:derby /opt/agent-derby/node_modules ./node_modules
COPY --chown=derby:derby package.json LICENSE ./
COPY --chown=derby:derby bin ./bin
COPY --chown=derby:derby claims ./claims
COPY --chown=derby:derby cli ./cli
COPY --chown=derby:derby harness ./harness
COPY --chown=derby:derby reports ./reports
COPY --chown=derby:derby runners ./runners
COPY --chown=derby:derby scenarios ./scenarios
USER derby
ENTRYPOINT ["node", "bin/agent-derby.mjs"]
CMD ["--help"]
