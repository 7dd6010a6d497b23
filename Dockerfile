# The relay as a container: one file of JavaScript on a Node without npm, as nobody, able to write nothing but /tmp.
# Build: docker build -t visionvend-relay .    It needs DATABASE_URL; every other setting has a default (.env.example).
FROM node:24-bookworm-slim AS build
WORKDIR /build
# Install scripts are not run: the bundler needs none, and nothing else of node_modules leaves this stage.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts ./scripts
COPY src ./src
COPY sync ./sync
COPY renderer ./renderer
COPY tsconfig.json tsconfig.base.json vite.config.ts vite.phone.config.ts ./
RUN node scripts/build-relay.mjs

FROM node:24-bookworm-slim
ENV NODE_ENV=production RELAY_HOST=0.0.0.0 RELAY_PORT=8470
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*
COPY --from=build --chown=root:root /build/dist/relay/main.mjs /relay/main.mjs
COPY --from=build --chown=root:root /build/dist/renderer/fleet /relay/renderer/fleet
COPY --from=build --chown=root:root /build/dist/renderer/phone /relay/renderer/phone
COPY --from=build --chown=root:root /build/dist/renderer/assets /relay/renderer/assets
# What makes pictures of products anew is a library in machine code: it can't be in one file with the rest.
COPY --from=build --chown=root:root /build/node_modules/sharp /relay/node_modules/sharp
COPY --from=build --chown=root:root /build/node_modules/@img /relay/node_modules/@img
COPY --from=build --chown=root:root /build/node_modules/detect-libc /relay/node_modules/detect-libc
COPY --from=build --chown=root:root /build/node_modules/semver /relay/node_modules/semver
USER node
EXPOSE 8470
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8470/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/relay/main.mjs"]
