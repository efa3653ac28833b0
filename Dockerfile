# syntax=docker/dockerfile:1

# The long-term support line of Node that is maintained the longest (until April 2028), on Debian, since
# the SQLite binding carries a binary for glibc. By digest, that of the index for all platforms, so that every
# build has the same bits; docs/CONTAINERS.md says where it is from, and how to go on to a newer one.
ARG NODE_IMAGE=node:24.18.1-bookworm-slim@sha256:235600a8101ab264e117b1768e925532262668dc9b581ef1dd7d96ced463b8e7

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY generated/ generated/
COPY src/ src/
COPY scripts/copy-docs-page.ts scripts/write-sbom.ts scripts/
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM ${NODE_IMAGE} AS runtime
LABEL org.opencontainers.image.title="Deployment Queue API" \
      org.opencontainers.image.description="Multi-tenant REST API that keeps the queue of deployments across GCP, AWS and Azure" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/node:24.18.1-bookworm-slim" \
      org.opencontainers.image.base.digest="sha256:235600a8101ab264e117b1768e925532262668dc9b581ef1dd7d96ced463b8e7"

# Where SQLite writes; a database in WAL mode needs the whole folder. Nothing else is written to, so the
# root may be read-only. Platforms that choose the user, such as OpenShift, run it in group 0.
RUN install --directory --owner=1000 --group=0 --mode=0770 /data
VOLUME /data

ENV NODE_ENV=production \
    SQLITE_PATH=/data/deployments.db

# The program belongs to root and the service cannot change it.
WORKDIR /app
COPY package.json openapi.yaml ./
COPY generated/openapi.json generated/columns.js generated/
COPY generated/board/ generated/board/
COPY sql/ sql/
COPY docs-page/ docs-page/
COPY --from=build /build/node_modules/ node_modules/
COPY --from=build /build/dist/ dist/

# Nobody opens an inspector in the running service by SIGUSR1, from its first moment on. Node before 22.14 has no
# flag for that and would not start with it; there, the service takes the signal itself once it runs.
RUN printf '#!/bin/sh\nexec node %s dist/main.js\n' \
      "$(node --disable-sigusr1 --print '"--disable-sigusr1"' 2>/dev/null)" > start \
    && chmod 0755 start

# The image's user `node`, by number: Kubernetes' runAsNonRoot cannot judge a name.
USER 1000:0
EXPOSE 8000 9090

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.MANAGEMENT_PORT || 9090) + '/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# It becomes Node, which is process 1 and drains on SIGTERM: 10 seconds at most, so stop it with more patience than that.
STOPSIGNAL SIGTERM
CMD ["./start"]
